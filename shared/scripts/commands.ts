import { unreachable } from '../base/assert.ts';
import { keysOf, lookUp } from '../base/table.ts';
import type { Header } from '../recording/header.ts';
import { LEADER, type ClusterCommand, type Side } from '../sim/command.ts';
import type { NodeId, OperationRequest } from '../sim/operation.ts';
import type { System } from '../systems/system.ts';
import { refuseRequest } from '../workloads/request.ts';
import type { Workload } from '../workloads/workload.ts';
import { CAUSES_BETWEEN, commandsOfCause } from './causes.ts';
import { ScriptError, type AskedStep, type Selector, type Step } from './script.ts';

/** What a script's steps may name. */
export type Scene = {
  readonly system: System;
  readonly workload: Workload;
  readonly nodes: Header['nodes'];
  readonly groups: Header['groups'];
  /** Where the administrator's tool runs at that time for a change that is about a node, unless a script says. */
  toolAt(at: number, node: NodeId): NodeId;
};

/** What a step asks of the cluster: one command, or for some causes several. Throws ScriptError at `place`. */
export function commandsOf(step: Step, place: string, scene: Scene): ClusterCommand[] {
  return step.do === 'cause' ? causeOf(step, place, scene) : [commandOf(step, place, scene)];
}

function causeOf(step: Step & { do: 'cause' }, place: string, scene: Scene): ClusterCommand[] {
  const { cause, between, from, to } = step;
  const isBetween = CAUSES_BETWEEN.includes(cause);
  if (isBetween && between === undefined && (from === undefined || to === undefined)) {
    throw new ScriptError(`${place}.between: is missing, a ${cause} lies between two places`);
  }
  const here = from ?? between?.[0];
  if (here === undefined) throw new ScriptError(`${place}.from: is missing, where the ${cause} is`);
  const there = to ?? between?.[1] ?? here;
  const running = typeof here === 'string' ? (lookUp(scene.groups, here) ?? [here]) : here;
  return commandsOfCause(cause, {
    from: sideOf(here, `${place}.from`, scene),
    to: sideOf(there, `${place}.to`, scene),
    running,
    everybody: scene.nodes,
  });
}

function commandOf(step: Exclude<Step, { do: 'cause' }>, place: string, scene: Scene): ClusterCommand {
  if (isAsked(step)) {
    const node = nodeOf(step.node, place, scene);
    return { kind: 'operate', node, operation: requestOf(step, place, scene) };
  }
  switch (step.do) {
    case 'cut': {
      const links = linksOf(step, place, scene);
      if (links === null) throw new ScriptError(`${place}.between: is missing`);
      const { traffic, flap } = step;
      return {
        kind: 'cut',
        ...links,
        ...(traffic === undefined ? {} : { traffic }),
        ...(flap === undefined ? {} : { flap }),
      };
    }
    case 'heal':
      return { kind: 'heal', between: linksOf(step, place, scene) };
    case 'isolate':
      if (step.node === LEADER && !scene.system.hasLeader) {
        throw new ScriptError(`${place}.node: ${scene.system.id} has no leader`);
      }
      return { kind: 'isolate', node: step.node === LEADER ? LEADER : nodeOf(step.node, place, scene) };
    case 'shape': {
      const { do: kind, at: _, ...rest } = step;
      return { kind, ...rest };
    }
    case 'sever': {
      const { do: kind, at: _, ...rest } = step;
      return { kind, ...rest };
    }
    case 'link':
      return linkOf(step, place, scene);
    case 'crash':
      return { kind: 'crash', node: nodeOf(step.node, place, scene), disk: step.disk ?? 'kept' };
    case 'restart':
    case 'pause':
    case 'resume':
      return { kind: step.do, node: nodeOf(step.node, place, scene) };
    case 'skew': {
      const drift = step.drift === undefined ? {} : { drift: step.drift };
      return { kind: 'skew', node: nodeOf(step.node, place, scene), offset: step.offset, ...drift };
    }
    case 'join':
    case 'leave':
      return changeOf(step, place, scene);
    case 'jump':
      return { kind: 'jump', node: nodeOf(step.node, place, scene), by: step.by };
    default:
      return unreachable(step);
  }
}

function isAsked(step: Step): step is AskedStep {
  return 'key' in step;
}

function changeOf(step: Step & { do: 'join' | 'leave' }, place: string, scene: Scene): ClusterCommand {
  const { do: kind, at, via, options } = step;
  const key = nodeOf(step.node, place, scene);
  if (via !== undefined) demandNode(via, `${place}.via`, scene);
  const operation = { kind, key, ...(options === undefined ? {} : { options }) };
  demandRequest(operation, place, scene);
  return { kind: 'operate', node: via ?? scene.toolAt(at, key), operation };
}

function requestOf(step: AskedStep, place: string, scene: Scene): OperationRequest {
  const { do: kind, at: _, node: __, ...request } = step;
  const operation = { kind, ...request };
  demandRequest(operation, place, scene);
  return operation;
}

function demandRequest(operation: OperationRequest, place: string, { system, workload }: Scene): void {
  const refusal = refuseRequest(system, workload, operation);
  if (refusal !== null) throw new ScriptError(`${place}.${refusal}`);
}

function linkOf(step: Step & { do: 'link' }, place: string, scene: Scene): ClusterCommand {
  const { delay, jitter, loss, duplicate } = step;
  const quality = {
    ...(delay === undefined ? {} : { delay }),
    ...(jitter === undefined ? {} : { jitter }),
    ...(loss === undefined ? {} : { loss: Math.round(loss * 1_000_000) }),
    ...(duplicate === undefined ? {} : { duplication: Math.round(duplicate * 1_000_000) }),
  };
  if (keysOf(quality).length === 0) {
    throw new ScriptError(`${place}: a link needs at least one of delay, jitter, loss, duplicate`);
  }
  const from = sideOf(step.from, `${place}.from`, scene);
  return { kind: 'link', from, to: sideOf(step.to, `${place}.to`, scene), oneWay: true, ...quality };
}

type Links = { readonly from: Side; readonly to: Side; readonly oneWay: boolean };

/** The links a step means: between two sides, from one to another, or (null) all. */
function linksOf(step: Step & { do: 'cut' | 'heal' }, place: string, scene: Scene): Links | null {
  const { between, from, to } = step;
  if (between !== undefined) {
    if (from !== undefined || to !== undefined) {
      throw new ScriptError(`${place}.${from === undefined ? 'to' : 'from'}: does not go with between`);
    }
    const [left = [], right = []] = between;
    return {
      from: sideOf(left, `${place}.between[0]`, scene),
      to: sideOf(right, `${place}.between[1]`, scene),
      oneWay: false,
    };
  }
  if (from === undefined && to === undefined) return null;
  if (from === undefined) throw new ScriptError(`${place}.from: is missing`);
  if (to === undefined) throw new ScriptError(`${place}.to: is missing`);
  return { from: sideOf(from, `${place}.from`, scene), to: sideOf(to, `${place}.to`, scene), oneWay: true };
}

function sideOf(selector: Selector, field: string, scene: Scene): Side {
  if (typeof selector !== 'string') {
    selector.forEach((node, index) => demandNode(node, `${field}[${index}]`, scene));
    return { nodes: selector };
  }
  if (lookUp(scene.groups, selector) !== undefined) return { group: selector };
  if (!scene.nodes.includes(selector)) {
    throw new ScriptError(`${field}: there is no group ${selector}, and no node of that name`);
  }
  return { nodes: [selector] };
}

function nodeOf(node: string, place: string, scene: Scene): string {
  demandNode(node, `${place}.node`, scene);
  return node;
}

function demandNode(node: string, field: string, { nodes }: Scene): void {
  if (!nodes.includes(node)) throw new ScriptError(`${field}: there is no node ${node}`);
}

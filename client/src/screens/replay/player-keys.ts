import { FRAME_MS, type ReplayRun } from '../../state/replay.svelte.ts';

/** Does what a key stands for in every player. False when it stands for nothing, or belongs to what has the focus. */
export function steerReplay(run: ReplayRun, event: KeyboardEvent): boolean {
  const target = event.target instanceof HTMLElement ? event.target : null;
  if (event.ctrlKey || event.metaKey || event.altKey) return false;
  if (isWithin(target, 'select, textarea, input[type=number]')) return false;
  const isButton = isWithin(target, 'button, [role=button], a, label, summary');
  // Arrows in the picture and in a row of radio buttons are theirs.
  const isPicture = isWithin(target, '[data-node], fieldset');
  switch (event.key) {
    case ' ':
      if (isButton) return false;
      run.toggle();
      return true;
    // The range input answers arrows with a single millisecond; everybody means a second.
    case 'ArrowLeft':
      if (isPicture) return false;
      run.seek(run.at - 1000);
      return true;
    case 'ArrowRight':
      if (isPicture) return false;
      run.stepBy(1000);
      return true;
    case '.':
      run.stepEvent();
      return true;
    case '>':
      run.stepBy(FRAME_MS);
      return true;
    case ',':
      run.stepBy(-FRAME_MS);
      return true;
    case 'Home':
      run.seek(0);
      return true;
    case 'End':
      run.seek(run.end);
      return true;
    default:
      return false;
  }
}

function isWithin(target: HTMLElement | null, selector: string): boolean {
  return target !== null && target.closest(selector) !== null;
}

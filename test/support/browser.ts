import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  chromium,
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  type Page,
} from 'playwright-core';
import { afterAll, beforeAll } from 'vitest';

/** A real server process, started as `npm start` starts it. */
export class ServerProcess {
  readonly dataDir = mkdtempSync(path.join(tmpdir(), 'quorum-call-browser-'));
  #process: ChildProcess | null = null;
  #port = 0;

  /** As the browsers reach it; the same after a restart. */
  get port(): number {
    return this.#port;
  }

  async start(): Promise<void> {
    const child = spawn(process.execPath, ['--enable-source-maps', 'dist/server/main.js'], {
      env: {
        ...process.env,
        PORT: String(this.#port),
        HOST: '127.0.0.1',
        DATA_DIR: this.dataDir,
        LOG_LEVEL: 'error',
        // Several browsers beside the server on two cores make it late through no fault of its own.
        LAG_MAX_MS: '600000',
        PING_INTERVAL_MS: '3000',
        PING_TIMEOUT_MS: '3000',
      },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    this.#process = child;
    this.#port = await new Promise<number>((resolve, reject) => {
      let text = '';
      child.once('exit', () => reject(new Error(`the server did not start: ${text}`)));
      child.stdout.on('data', (chunk: Buffer) => {
        text += chunk.toString();
        const port = /listening on (\d+)/.exec(text)?.[1];
        if (port !== undefined) resolve(Number(port));
      });
    });
  }

  /** Ends the process as a power cut would. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL');
  }

  async stop(): Promise<void> {
    await this.#end('SIGTERM');
    rmSync(this.dataDir, { recursive: true, force: true });
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#process;
    if (child === null || child.exitCode !== null) return;
    const gone = once(child, 'exit');
    child.kill(signal);
    await gone;
    this.#process = null;
  }
}

/** Chromium without a screen; `classroom.test` is this machine under a name that is not localhost. */
async function launchBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--host-resolver-rules=MAP classroom.test 127.0.0.1',
    ],
  });
}

/** A server and a browser for a file of tests: there before the first of them, ended after the last. */
export class Stage {
  readonly server = new ServerProcess();
  #browser: Browser | null = null;

  constructor() {
    beforeAll(async () => {
      await this.server.start();
      this.#browser = await launchBrowser();
    });
    afterAll(async () => {
      await this.#browser?.close();
      await this.server.stop();
    });
  }

  get browser(): Browser {
    if (this.#browser === null) throw new Error('the browser is there while tests run, not before');
    return this.#browser;
  }

  /** Opens a classroom as a form says; its pages reach the server under `host`. */
  open(form: object, host?: string): Promise<BrowserClass> {
    return BrowserClass.open(this.browser, this.server, form, host);
  }
}

export type Room = {
  readonly code: string;
  readonly id: string;
  readonly secret: string;
  readonly consoleUrl: string;
  readonly screenUrl: string;
  readonly joinUrl: string;
};

/** Phones that keep still: many that animate every message would take the machine from what is tested. */
const PHONE: BrowserContextOptions = { viewport: { width: 390, height: 844 }, reducedMotion: 'reduce' };

/** A class in real browsers: a console, a projector and student pages, each in a context of its own. */
export class BrowserClass {
  readonly origin: string;
  readonly room: Room;
  readonly #browser: Browser;
  readonly #complaints: string[] = [];
  readonly #contexts: BrowserContext[] = [];

  private constructor(browser: Browser, origin: string, room: Room) {
    this.#browser = browser;
    this.origin = origin;
    this.room = room;
  }

  static async open(
    browser: Browser,
    server: ServerProcess,
    form: object,
    host = '127.0.0.1',
  ): Promise<BrowserClass> {
    const response = await fetch(`http://127.0.0.1:${server.port}/api/classrooms`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(form),
    });
    if (response.status !== 201) throw new Error(await response.text());
    return new BrowserClass(browser, `http://${host}:${server.port}`, (await response.json()) as Room);
  }

  /** Errors that any page wrote to its console, or that it met: there must be none. */
  get complaints(): readonly string[] {
    return this.#complaints;
  }

  async page(pathname: string, options: BrowserContextOptions = PHONE): Promise<Page> {
    const context = await this.#browser.newContext(options);
    this.#contexts.push(context);
    // A machine with other work may leave a class at ten times its pace no frame for longer than the usual 30 s.
    context.setDefaultTimeout(90_000);
    const page = await context.newPage();
    this.watch(page);
    await page.goto(this.origin + pathname);
    return page;
  }

  watch(page: Page): void {
    page.on('pageerror', (error) => this.#complaints.push(`${page.url()}: ${error.message}`));
    page.on('console', (message) => {
      // A server that is down on purpose cannot be reached: that is not the page's mistake.
      const isLostServer = /ERR_CONNECTION_REFUSED|ERR_INTERNET_DISCONNECTED|WebSocket connection/.test(
        message.text(),
      );
      if (message.type() === 'error' && !isLostServer) {
        this.#complaints.push(`${page.url()}: ${message.text()}`);
      }
    });
    page.on('request', (request) => {
      const url = new URL(request.url());
      const isOurs = url.origin === this.origin || ['data:', 'blob:'].includes(url.protocol);
      if (!isOurs) this.#complaints.push(`${page.url()} asks ${url.host}`);
    });
  }

  /** Closes every page: pages left open would go on drawing beside the next test. */
  async close(): Promise<void> {
    for (const context of this.#contexts.splice(0)) await context.close();
  }

  async console(): Promise<Page> {
    const page = await this.page(this.room.consoleUrl, { viewport: { width: 1440, height: 900 } });
    await page.getByRole('button', { name: 'I have kept it' }).click();
    return page;
  }

  async projector(): Promise<Page> {
    return this.page(this.room.screenUrl, { viewport: { width: 1280, height: 720 } });
  }

  async student(name: string, options: BrowserContextOptions = PHONE): Promise<Page> {
    const page = await this.page(this.room.joinUrl, options);
    await join(page, name);
    return page;
  }
}

export async function join(page: Page, name: string): Promise<void> {
  await page.getByLabel('Your name').fill(name);
  await page.getByRole('button', { name: 'Join', exact: true }).click();
  await page.getByRole('region', { name: 'Your node', exact: true }).waitFor();
}

/** The student's node, as its page says. */
export async function nodeOf(page: Page): Promise<string> {
  const heading = await page.getByRole('heading', { level: 1 }).textContent();
  return /n\d+/.exec(heading ?? '')?.[0] ?? '';
}

/** Asks an operation at a student's page, of the first key unless another is named. */
export async function operate(page: Page, kind: string, value?: string, key?: string): Promise<void> {
  const dock = page.getByRole('region', { name: 'Do something' });
  if (key !== undefined) await dock.getByLabel('Key').selectOption(key);
  if (value !== undefined) await dock.getByRole('textbox').fill(value);
  await dock.getByRole('button', { name: new RegExp(`^${kind}`) }).click();
}

/** Waits until the student's latest operation reads so. */
export async function latestOperation(page: Page, text: RegExp): Promise<void> {
  await page
    .getByRole('region', { name: 'Your operations' })
    .getByRole('listitem')
    .first()
    .filter({ hasText: text })
    .waitFor({ timeout: 20_000 });
}

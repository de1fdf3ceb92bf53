import { recall, remember } from '../state/storage.ts';

export type ThemeChoice = 'auto' | 'light' | 'dark';

/** Light or dark: as the device says, until the person says otherwise. */
class Theme {
  #choice = $state<ThemeChoice>('auto');
  #deviceIsDark = $state(false);
  readonly shown: 'light' | 'dark' = $derived(
    this.#choice === 'auto' ? (this.#deviceIsDark ? 'dark' : 'light') : this.#choice,
  );

  get choice(): ThemeChoice {
    return this.#choice;
  }

  /** Sets the theme before anything is drawn, and follows the device from then on. */
  start(): void {
    const stored = recall('theme');
    if (stored === 'light' || stored === 'dark') this.#choice = stored;
    const device = matchMedia('(prefers-color-scheme: dark)');
    this.#deviceIsDark = device.matches;
    device.addEventListener('change', (event) => {
      this.#deviceIsDark = event.matches;
      this.#apply();
    });
    this.#apply();
  }

  choose(choice: ThemeChoice): void {
    this.#choice = choice;
    remember('theme', choice === 'auto' ? null : choice);
    this.#apply();
  }

  #apply(): void {
    document.documentElement.dataset.theme = this.shown;
  }
}

export const theme = new Theme();

/** What fingers and mice do to the drawing. Places and ways in pixels of the element. */
export interface Gestures {
  readonly move: (pixels: number) => void;
  /** `factor` above 1: fingers go apart, around `x`. */
  readonly pinch: (factor: number, x: number) => void;
  readonly press: (x: number, y: number) => void;
  readonly hover: (x: number, y: number) => void;
}

/** A pointer that moves less than this presses; beyond it drags. */
const DRAG_MIN = 5;

/** Tells presses, drags and pinches apart. */
export class Pointers {
  readonly #gestures: Gestures;
  readonly #down = new Map<number, number>();
  #start: { readonly x: number; readonly y: number } | null = null;
  #isDrag = false;

  constructor(gestures: Gestures) {
    this.#gestures = gestures;
  }

  down(event: PointerEvent): void {
    if (event.button !== 0) return;
    if (event.currentTarget instanceof Element) event.currentTarget.setPointerCapture(event.pointerId);
    this.#down.set(event.pointerId, event.offsetX);
    this.#isDrag = this.#down.size > 1;
    this.#start = { x: event.offsetX, y: event.offsetY };
  }

  moved(event: PointerEvent): void {
    const before = this.#down.get(event.pointerId);
    if (before === undefined) {
      this.#gestures.hover(event.offsetX, event.offsetY);
      return;
    }
    if (this.#start !== null && Math.abs(event.offsetX - this.#start.x) > DRAG_MIN) this.#isDrag = true;
    if (!this.#isDrag) return;
    const other = [...this.#down].find(([id]) => id !== event.pointerId)?.[1];
    if (other === undefined) {
      this.#gestures.move(event.offsetX - before);
    } else {
      const [was, is] = [Math.abs(before - other), Math.abs(event.offsetX - other)];
      if (was > 0 && is > 0) this.#gestures.pinch(is / was, (event.offsetX + other) / 2);
    }
    this.#down.set(event.pointerId, event.offsetX);
  }

  up(event: PointerEvent): void {
    if (!this.#down.delete(event.pointerId) || this.#isDrag) return;
    this.#gestures.press(event.offsetX, event.offsetY);
  }

  cancel(event: PointerEvent): void {
    this.#down.delete(event.pointerId);
  }
}

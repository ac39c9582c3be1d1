/** A round pad for a finger or a mouse. Let go, it is in the middle again. */
export class Joystick {
  #pointer = null;
  direction = { x: 0, y: 0 };

  /** `mayGrab()`: whether a touch counts. `onChange()` after each movement, `onLetGo()` after the last. */
  constructor(pad, { mayGrab, onChange, onLetGo }) {
    this.pad = pad;
    this.onChange = onChange;
    this.onLetGo = onLetGo;
    pad.addEventListener("pointerdown", (event) => {
      if (this.#pointer !== null || !mayGrab()) return;
      this.#pointer = event.pointerId;
      pad.setPointerCapture(event.pointerId);
      this.#move(event);
    });
    pad.addEventListener("pointermove", (event) => {
      if (event.pointerId === this.#pointer) this.#move(event);
    });
    for (const end of ["pointerup", "pointercancel", "lostpointercapture"]) {
      pad.addEventListener(end, (event) => {
        if (event.pointerId === this.#pointer) this.letGo();
      });
    }
    pad.addEventListener("contextmenu", (event) => event.preventDefault()); // a long press is no menu here
  }

  get held() {
    return this.#pointer !== null;
  }

  letGo() {
    this.#pointer = null;
    this.direction = { x: 0, y: 0 };
    this.onLetGo();
  }

  #move(event) {
    const box = this.pad.getBoundingClientRect();
    const reach = box.width / 2 - 23;
    let x = (event.clientX - box.left - box.width / 2) / reach;
    let y = (box.top + box.height / 2 - event.clientY) / reach;
    const length = Math.hypot(x, y);
    if (length > 1) {
      x /= length;
      y /= length;
    }
    // The middle is a rest for the finger, not a crawl.
    this.direction = length < 0.08 ? { x: 0, y: 0 } : { x, y };
    this.onChange();
  }
}

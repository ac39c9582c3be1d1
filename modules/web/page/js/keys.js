/// Which way keys point. By their place on the keyboard, so that W, A, S and D are the same cross on every layout.

const directions = {
  KeyW: [0, 1], ArrowUp: [0, 1],
  KeyS: [0, -1], ArrowDown: [0, -1],
  KeyA: [-1, 0], ArrowLeft: [-1, 0],
  KeyD: [1, 0], ArrowRight: [1, 0],
};

/** The keys that are held now, and where they point together. */
export class HeldKeys {
  #held = new Set();

  /** Whether that key is one of ours. */
  press(code) {
    if (!(code in directions)) return false;
    this.#held.add(code);
    return true;
  }

  release(code) {
    return this.#held.delete(code);
  }

  releaseAll() {
    this.#held.clear();
  }

  get names() {
    return [...this.#held];
  }

  /** x to the right and y forward, of length 1 at most. */
  get direction() {
    let x = 0;
    let y = 0;
    const seen = new Set(); // W and the arrow mean the same once
    for (const code of this.#held) {
      const [right, forward] = directions[code];
      if (seen.has(`${right},${forward}`)) continue;
      seen.add(`${right},${forward}`);
      x += right;
      y += forward;
    }
    const length = Math.hypot(x, y);
    return length > 1 ? { x: x / length, y: y / length } : { x, y };
  }
}

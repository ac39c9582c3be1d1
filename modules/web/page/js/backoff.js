/** Waits between tries: twice as long each time up to a cap, half of it by chance, so that pages do not come all at once. */
export class Backoff {
  constructor({ first = 250, cap = 5000, chance = Math.random } = {}) {
    this.first = first;
    this.cap = cap;
    this.chance = chance;
    this.reset();
  }

  reset() {
    this.tries = 0;
  }

  /** Milliseconds until the next try. */
  next() {
    const whole = Math.min(this.cap, this.first * 2 ** this.tries++);
    return whole / 2 + (whole / 2) * this.chance();
  }
}

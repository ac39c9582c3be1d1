/** The last numbers with their times: their median and their rate over a window. */
export class RecentValues {
  #times = [];
  #values = [];

  constructor(windowMs = 1000) {
    this.windowMs = windowMs;
  }

  add(time, value) {
    this.#times.push(time);
    this.#values.push(value);
    this.#forgetBefore(time - this.windowMs);
  }

  #forgetBefore(time) {
    let old = 0;
    while (old < this.#times.length && this.#times[old] < time) ++old;
    this.#times.splice(0, old);
    this.#values.splice(0, old);
  }

  median(now) {
    this.#forgetBefore(now - this.windowMs);
    if (!this.#values.length) return NaN;
    const sorted = this.#values.slice().sort((a, b) => a - b);
    return sorted[sorted.length >> 1];
  }

  /** A second, from the distances between the first and the last. */
  rate(now) {
    this.#forgetBefore(now - this.windowMs);
    const count = this.#times.length;
    if (count < 2) return 0;
    return ((count - 1) * 1000) / (this.#times[count - 1] - this.#times[0]);
  }
}

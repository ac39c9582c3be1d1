const kept = 12; // samples; at one each 1.5 s older ones would show the drift of the two clocks

/**
 * The server's wall clock, estimated as NTP does (RFC 5905, section 8): of the last samples the one with the shortest
 * round trip has the least unknown in it. Milliseconds everywhere; the page's own clock is `performance.now()`, which
 * never jumps.
 */
export class ServerClock {
  #samples = [];
  #best = null;

  constructor(now = () => performance.now()) {
    this.localNow = now;
  }

  /** After a new connection: it may be another machine, or the same after a change of its clock. */
  reset() {
    this.#samples = [];
  }

  /** `t0` sent here, `t1` received there, `t2` sent there, `t3` received here. */
  add(t0, t1, t2, t3 = this.localNow()) {
    const sample = { offset: (t1 - t0 + (t2 - t3)) / 2, roundTrip: t3 - t0 - (t2 - t1) };
    if (!Number.isFinite(sample.offset) || sample.roundTrip < 0) return;
    this.#samples.push(sample);
    if (this.#samples.length > kept) this.#samples.shift();
    this.#best = this.#samples.reduce((best, each) => (each.roundTrip < best.roundTrip ? each : best));
  }

  get known() {
    return this.#best !== null;
  }

  /** Of the best sample; the estimate is wrong by half of it at most. */
  get roundTrip() {
    return this.#best?.roundTrip ?? NaN;
  }

  /** What the server's wall clock shows now; NaN before the first answer. */
  now() {
    return this.#best ? this.localNow() + this.#best.offset : NaN;
  }
}

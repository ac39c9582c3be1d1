const holdMs = 2000; // room
const smallest = 30; // ms of sound that wait: as little as the network allows ...
const usual = 60;
const largest = 300; // ... and never more
const tooMuch = 120; // ms above the aim, from which on the past is skipped instead of played faster
const fastest = 0.004; // of the speed: a change that nobody hears
const calmMs = 20000; // without a gap, after which less is tried

/**
 * Sound that comes in bursts and goes out evenly, resampled to the rate of the output. The two clocks differ: what waits is
 * held near its aim by playing a few parts in a thousand faster or slower. A gap raises the aim, calm lowers it. Runs on
 * the audio thread: no allocation while it plays.
 */
export class JitterBuffer {
  constructor(outputRate) {
    this.outputRate = outputRate;
    this.underruns = 0;
    this.skips = 0;
    this.peak = 0;
    this.configure(outputRate, 1);
  }

  /** Another format: what waits is forgotten. */
  configure(rate, channels) {
    this.rate = rate;
    this.rings = Array.from({ length: channels }, () => new Float32Array(Math.ceil((rate * holdMs) / 1000)));
    this.size = this.rings[0].length;
    this.last = new Float32Array(channels);
    this.written = 0;
    this.position = 0; // of the next sample to play, between two whole ones
    this.aim = usual;
    this.playing = false;
    this.gain = 0;
    this.calm = 0;
    this.smooth = 0;
  }

  /** Milliseconds of sound that wait. */
  get level() {
    return ((this.written - this.position) * 1000) / this.rate;
  }

  push(rate, channels) {
    if (rate !== this.rate || channels.length !== this.rings.length) this.configure(rate, channels.length);
    const frames = channels[0].length;
    for (let channel = 0; channel < channels.length; ++channel) {
      const ring = this.rings[channel];
      for (let i = 0; i < frames; ++i) ring[(this.written + i) % this.size] = channels[channel][i];
    }
    this.written += frames;
    if (this.level > this.aim + tooMuch) {
      this.#skipTo(this.aim);
      this.skips++;
    }
  }

  #skipTo(level) {
    this.position = this.written - Math.floor((level * this.rate) / 1000);
    this.smooth = level;
    this.gain = 0;
  }

  /** Fills all channels of an output; a single channel of sound goes to each of them. */
  pull(outputs) {
    const frames = outputs[0].length;
    if (!this.playing && this.level >= this.aim) {
      this.playing = true;
      this.smooth = this.level;
      this.gain = 0;
    }
    if (!this.playing) {
      this.#fade(outputs, 0, frames);
      return;
    }
    const blockMs = (frames * 1000) / this.outputRate;
    this.smooth += (this.level - this.smooth) * Math.min(1, blockMs / 500);
    const correction = Math.max(-fastest, Math.min(fastest, (this.smooth - this.aim) * 0.0002));
    const step = (this.rate / this.outputRate) * (1 + correction);
    const ramp = 1 / (this.outputRate * 0.005);
    for (let i = 0; i < frames; ++i) {
      const whole = Math.floor(this.position);
      if (whole + 2 >= this.written) {
        this.#ranDry();
        this.#fade(outputs, i, frames);
        return;
      }
      this.gain = Math.min(1, this.gain + ramp);
      for (let channel = 0; channel < this.rings.length; ++channel) {
        this.last[channel] = this.#between(this.rings[channel], whole, this.position - whole) * this.gain;
      }
      this.#put(outputs, i);
      this.position += step;
    }
    this.calm += blockMs;
    if (this.calm > calmMs) {
      this.calm = 0;
      this.aim = Math.max(smallest, this.aim * 0.9);
    }
  }

  /** Through four neighbours (Catmull-Rom). */
  #between(ring, whole, part) {
    const at = (index) => (index < 0 ? 0 : ring[index % this.size]);
    const a = at(whole - 1);
    const b = at(whole);
    const c = at(whole + 1);
    const d = at(whole + 2);
    return b + 0.5 * part * (c - a + part * (2 * a - 5 * b + 4 * c - d + part * (3 * (b - c) + d - a)));
  }

  #ranDry() {
    this.playing = false;
    this.underruns++;
    this.calm = 0;
    this.aim = Math.min(largest, this.aim * 1.5);
  }

  /** Silence that does not click. */
  #fade(outputs, from, to) {
    for (let i = from; i < to; ++i) {
      for (let channel = 0; channel < this.last.length; ++channel) this.last[channel] *= 0.98;
      this.#put(outputs, i);
    }
  }

  #put(outputs, i) {
    for (let channel = 0; channel < outputs.length; ++channel) {
      const value = this.last[Math.min(channel, this.last.length - 1)];
      outputs[channel][i] = value;
      const size = value < 0 ? -value : value;
      if (size > this.peak) this.peak = size;
    }
  }

  /** What the page shows; the peak is that since the last report. */
  report() {
    const said = { level: this.level, aim: this.aim, peak: this.peak, underruns: this.underruns, skips: this.skips,
      playing: this.playing };
    this.peak = 0;
    return said;
  }
}

import { JitterBuffer } from "./jitter_buffer.js";

const reportsPerSecond = 20;

class SoundProcessor extends AudioWorkletProcessor {
  constructor() {
    super();
    this.buffer = new JitterBuffer(sampleRate);
    this.untilReport = 0;
    this.port.onmessage = ({ data }) => this.buffer.push(data.rate, data.channels);
  }

  process(_, [output]) {
    this.buffer.pull(output);
    this.untilReport -= output[0].length;
    if (this.untilReport <= 0) {
      this.untilReport = sampleRate / reportsPerSecond;
      this.port.postMessage(this.buffer.report());
    }
    return true;
  }
}

registerProcessor("streamhost-sound", SoundProcessor);

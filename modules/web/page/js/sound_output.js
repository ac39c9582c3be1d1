import { JitterBuffer } from "./jitter_buffer.js";

let worklet = null;

/**
 * One stream of sound on the loudspeaker, by the page's `AudioContext`. `onReport` gets the jitter buffer's state 20 times a second. Browsers offer the
 * worklet to secure contexts only: to a page from localhost or by HTTPS. A page by HTTP from another machine plays on its
 * main thread instead.
 */
export class SoundOutput {
  static async open(audio, onReport) {
    if (audio.audioWorklet) await (worklet ??= audio.audioWorklet.addModule("/js/sound_worklet.js"));
    return new SoundOutput(audio, audio.audioWorklet ? viaWorklet(audio, onReport) : viaMainThread(audio, onReport));
  }

  constructor(audio, { node, push, way }) {
    this.audio = audio;
    this.node = node;
    this.push = push; // (rate, channels): the arrays are given away
    this.way = way;
    node.connect(audio.destination);
  }

  /** From the call of the device to the ear, as far as the browser knows it, ms. */
  get delay() {
    return ((this.audio.outputLatency || 0) + (this.audio.baseLatency || 0)) * 1000;
  }

  close() {
    this.node.disconnect();
  }
}

function viaWorklet(audio, onReport) {
  const node = new AudioWorkletNode(audio, "streamhost-sound", { numberOfInputs: 0, outputChannelCount: [2] });
  node.port.onmessage = ({ data }) => onReport(data);
  const push = (rate, channels) => node.port.postMessage({ rate, channels }, channels.map((each) => each.buffer));
  return { node, push, way: "worklet" };
}

function viaMainThread(audio, onReport) {
  const node = audio.createScriptProcessor(1024, 0, 2);
  const buffer = new JitterBuffer(audio.sampleRate);
  node.onaudioprocess = ({ outputBuffer }) => {
    buffer.pull([outputBuffer.getChannelData(0), outputBuffer.getChannelData(1)]);
    onReport(buffer.report());
  };
  return { node, push: (rate, channels) => buffer.push(rate, channels), way: "main thread" };
}

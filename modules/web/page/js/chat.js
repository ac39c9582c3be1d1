import { byId, element } from "./dom.js";
import { dayOf, timeOfDay } from "./format.js";
import { recall, remember } from "./views.js";

const most = 500; // lines on the page
const together = 120000; // ms: lines of one speaker within that need one heading

/** What people and programs say, the oldest on top. */
export class Chat {
  #last = null;
  #name = "";
  #several = false;

  constructor(connection) {
    this.connection = connection;
    this.panel = byId("chat");
    this.lines = byId("chat-lines");
    this.line = byId("chat-line");
    this.name = byId("chat-name");
    this.name.value = recall("name") ?? "";
    this.name.addEventListener("change", () => this.#tellName());
    byId("chat-form").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#say();
    });
    connection.listen("hello", (hello) => {
      this.#several = hello.streams.filter((each) => each.kind === "text").length > 1;
      this.line.disabled = !hello.can_chat;
      this.line.placeholder = hello.can_chat ? "Write a line" : "No chat is linked to this console";
    });
    connection.listen("state", (state) => {
      if (state !== "live") return;
      this.lines.replaceChildren(); // the history comes again
      this.#last = null;
      this.#name = "";
      this.#tellName();
    });
    connection.listen("chat", (message) => this.#show(message.lines));
  }

  #tellName() {
    const name = this.name.value.trim();
    if (name === this.#name) return;
    if (this.connection.send({ type: "name", name })) this.#name = name;
    remember("name", name);
  }

  #say() {
    const line = this.line.value.trim();
    this.#tellName();
    if (line && this.connection.send({ type: "chat", line })) this.line.value = "";
  }

  #show(lines) {
    const { lines: list } = this;
    const atEnd = list.scrollHeight - list.scrollTop - list.clientHeight < 40;
    for (const each of lines) this.#append(each);
    while (list.childElementCount > most) list.firstElementChild.remove();
    if (atEnd) list.scrollTop = list.scrollHeight;
  }

  #append({ from, line, time, stream }) {
    if (!this.#last || dayOf(this.#last.time) !== dayOf(time)) {
      this.lines.append(element("li", { className: "day" }, dayOf(time)));
      this.#last = null;
    }
    const who = from || stream || "somebody";
    const same = this.#last?.who === who && this.#last.stream === stream && time - this.#last.time < together;
    const own = !stream && this.#name !== "" && from === this.#name;
    this.lines.append(element("li", { className: `${same ? "same" : ""} ${own ? "own" : ""}`.trim(), dataset: { from: who } },
      element("span", { className: "from" }, this.#several && stream ? `${who} · ${stream}` : who),
      element("time", { dateTime: new Date(time).toISOString() }, timeOfDay(time)),
      element("span", { className: "line" }, line)));
    this.#last = { who, stream, time };
  }
}

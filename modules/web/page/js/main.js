import { Chat } from "./chat.js";
import { Connection } from "./connection.js";
import { byId, setText } from "./dom.js";
import { Drive } from "./drive.js";
import { Pictures } from "./pictures.js";
import { Readings } from "./readings.js";
import { Sound } from "./sound.js";
import { Views } from "./views.js";
import { Wiring } from "./wiring.js";

const connection = new Connection();
const wiring = new Wiring(connection);
let topology = null;
const views = new Views(async (shown) => {
  wiring.show(shown === "wiring");
  if (shown !== "topology") return;
  const { Topology } = await import("./topology.js");
  topology ??= new Topology();
});
new Pictures(connection);
new Sound(connection);
new Readings(connection);
new Chat(connection);
new Drive(connection);

connection.listen("hello", (hello) => {
  const title = hello.title || hello.host;
  document.title = title;
  setText(byId("title"), title);
  setText(byId("host"), hello.host === title ? "" : hello.host);
  byId("host").title = `streamhost ${hello.version}`;
  byId("topology-tab").hidden = !hello.admin;
  views.follow();
  document.documentElement.dataset.ready = "true";
});

const words = { connecting: "connecting", live: "live", lost: "connection lost" };
connection.listen("state", (state) => {
  document.body.dataset.connection = state;
  byId("connection").dataset.state = state;
  setText(byId("connection"), words[state]);
  byId("lost").hidden = state !== "lost";
});

/** Why a connection cannot be made, a WebSocket does not say: the token may be another one by now. */
connection.listen("closed", async () => {
  const answer = await fetch("/graph.json", { method: "HEAD" }).catch(() => null);
  if (answer?.status === 401) location.assign("/login.html");
});

/** What the host refused, for as long as it takes to read. */
let noticeTimer = 0;
connection.listen("error", ({ text }) => {
  const notice = byId("notice");
  setText(notice, text);
  notice.hidden = false;
  clearTimeout(noticeTimer);
  noticeTimer = setTimeout(() => { notice.hidden = true; }, 5000);
});

byId("retry").addEventListener("click", () => connection.retry());
setInterval(() => {
  if (connection.state === "lost") setText(byId("lost-why"), `next try in ${Math.ceil(connection.retryIn)} s`);
  const trip = connection.clock.roundTrip;
  setText(byId("round-trip"), connection.state === "live" && Number.isFinite(trip) ? `${trip < 10 ? trip.toFixed(1) : Math.round(trip)} ms` : "");
}, 500);

views.follow();
connection.open();

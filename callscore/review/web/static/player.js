// The sound of one call: an audio element that plays from the server, and a waveform per leg drawn by wavesurfer.js.

import WaveSurfer from "./vendor/wavesurfer.js";

const MARGIN_S = 1;
const SILENCE_S = 1.5;

const body = document.body;
const audio = document.getElementById("audio");
const problem = document.getElementById("sound-problem");
const state = document.getElementById("sound-state");
const button = document.getElementById("play");
const clock = document.getElementById("clock");
const callId = body.dataset.call;

let stopAt = null;
let quiet = [];

function complain(text) {
  if (!problem) return;
  problem.textContent = text;
  problem.hidden = false;
  state.textContent = "";
}

/** Ask why the server gives no sound; a browser shows no reason of its own. */
async function askWhy() {
  try {
    const answer = await fetch(`/peaks?id=${encodeURIComponent(callId)}`, { headers: { accept: "application/json" } });
    complain(answer.ok ? body.dataset.browser : (await answer.json()).error);
  } catch {
    complain(body.dataset.notSaved);
  }
}

function colour(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

async function draw() {
  state.textContent = body.dataset.loading;
  const answer = await fetch(`/peaks?id=${encodeURIComponent(callId)}`, { headers: { accept: "application/json" } });
  const values = await answer.json();
  if (!answer.ok) {
    complain(values.error);
    return;
  }
  state.textContent = "";
  const duration = values.duration_ms / 1000;
  const peaks = values.peaks.map((leg) => leg.map((value) => value / 100));
  // The colours of the transcript: who is on which channel differs from one telephone system to another.
  const legs = body.dataset.legs.trim().split(" ");
  const shades = peaks.map((_, leg) => colour(legs[leg] === "client" ? "--s1" : "--s0"));
  const wave = WaveSurfer.create({
    container: "#wave",
    cspNonce: body.dataset.nonce,
    media: audio,
    peaks,
    duration,
    normalize: true,
    height: 44,
    cursorColor: colour("--text"),
    cursorWidth: 2,
    dragToSeek: true,
    splitChannels: peaks.map((_, leg) => ({ waveColor: `${shades[leg]}88`, progressColor: shades[leg], height: 44 })),
  });
  wave.on("interaction", () => { stopAt = null; });
  quiet = findQuiet(peaks, duration);
  drawMarks(duration);
}

/** Stretches of the whole call in which every leg is silent, in seconds. */
function findQuiet(peaks, duration) {
  const n = peaks[0].length;
  const loudest = Math.max(...peaks.map((leg) => leg.reduce((most, value) => Math.max(most, Math.abs(value)), 0)));
  const limit = Math.max(0.02, loudest * 0.04);
  const found = [];
  let since = null;
  for (let at = 0; at <= n; at += 1) {
    const isQuiet = at < n && peaks.every((leg) => Math.abs(leg[at]) < limit);
    if (isQuiet && since === null) since = at;
    if (!isQuiet && since !== null) {
      const [start, end] = [since / n * duration, at / n * duration];
      if (end - start >= SILENCE_S) found.push([start + 0.4, end - 0.3]);
      since = null;
    }
  }
  return found;
}

function drawMarks(duration) {
  const box = document.getElementById("marks");
  for (const mark of JSON.parse(body.dataset.marks)) {
    const [kind, start, end] = mark;
    const piece = document.createElement("i");
    piece.className = kind;
    piece.style.left = `${start / 10 / duration}%`;
    piece.style.width = `${Math.max(0.15, (end - start) / 10 / duration)}%`;
    box.append(piece);
  }
}

async function start() {
  try {
    await audio.play();
  } catch (error) {
    if (error.name !== "AbortError") askWhy();
  }
}

export const player = {
  get isPlaying() { return Boolean(audio) && !audio.paused; },
  get seconds() { return audio ? audio.currentTime : 0; },
  get stopAt() { return stopAt; },
  /** Play from `from` to `to`, seconds, with a second around. */
  span(from, to) {
    if (!audio) return;
    stopAt = to + MARGIN_S;
    audio.currentTime = Math.max(0, from - MARGIN_S);
    start();
  },
  seek(to) {
    if (!audio) return;
    stopAt = null;
    audio.currentTime = Math.max(0, to);
  },
  toggle() {
    if (!audio) return;
    if (audio.paused) start();
    else audio.pause();
  },
  onTime(action) { audio?.addEventListener("timeupdate", () => action(audio.currentTime * 1000)); },
};

function everyTime() {
  const at = audio.currentTime;
  clock.textContent = `${String(Math.floor(at / 60)).padStart(2, "0")}:${String(Math.floor(at % 60)).padStart(2, "0")}`;
  if (stopAt !== null && at >= stopAt) {
    audio.pause();
    stopAt = null;
    return;
  }
  if (document.getElementById("skip-silence").checked && !audio.paused) {
    const silence = quiet.find(([from, to]) => at >= from && at < to);
    if (silence) audio.currentTime = silence[1];
  }
}

if (audio) {
  audio.addEventListener("timeupdate", everyTime);
  audio.addEventListener("error", askWhy);
  for (const name of ["play", "pause"]) {
    audio.addEventListener(name, () => {
      button.textContent = audio.paused ? "▶" : "❚❚";
      button.setAttribute("aria-pressed", String(!audio.paused));
    });
  }
  button.addEventListener("click", () => player.toggle());
  document.getElementById("speed").addEventListener("change", (event) => {
    audio.playbackRate = Number(event.target.value);
    audio.preservesPitch = true;
  });
  draw().catch(() => complain(body.dataset.notSaved));
}

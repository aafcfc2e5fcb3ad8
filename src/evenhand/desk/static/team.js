"use strict";
// A trained team: the slider sets the threshold, the server reads the multiplier from the team's curve, the film follows.
const $ = (name) => document.getElementById(name);
const number = (x, digits = 3) => x.toLocaleString("en-GB", { maximumFractionDigits: digits });
let stage = null, asked = 0, seed = 0, timer = null, shown = "";

async function ask(path) {
  let data = null;
  try {
    data = await (await fetch(path)).json();
  } catch {
    data = { error: "The desk does not answer. Is “evenhand open” still running in its terminal? Start it again." };
  }
  $("error").textContent = data.error || "";
  $("error").hidden = !data.error;
  return data.error ? null : data;
}

async function follow() {
  const mine = ++asked, tau = stage.levels[$("tau").value];
  const told = await ask(`at?tau=${tau}`);
  if (mine !== asked || !told) return;
  const mixed = told.share > 0 && told.share < 1 && told.low !== told.high;
  $("said").textContent = `Jain’s index of at least ${number(tau)}` + (told.unmet ? ": the team does not get there; this is its fairest" : "")
    + (mixed ? `: it draws the multiplier ${number(told.high)} in ${number(100 * told.share, 0)} % of episodes, else ${number(told.low)}` : "");
  $("tau").setAttribute("aria-valuetext", $("said").textContent);
  $("multiplier").textContent = number(told.multiplier);
  $("expected").textContent = number(told.expected);
  $("success").textContent = `${number(100 * told.success, 0)}\u202f%`;
  $("steps").textContent = number(told.steps, 1);
  const film = `multiplier=${told.multiplier}&seed=${seed}`;
  if (film === shown) return;
  const words = await ask(`deeds?${film}`);
  if (mine !== asked || !words) return;
  shown = film;
  $("film").src = `film?${film}`;
  $("film").alt = `Animation of an episode of ${words.deeds.length} steps under the multiplier ${number(told.multiplier)}; the list below has each step.`;
  $("deeds").replaceChildren(...words.deeds.map((deed) => { const item = document.createElement("li"); item.textContent = deed; return item; }));
}

$("tau").addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(follow, 30); });
$("again").addEventListener("click", () => { seed = (seed + 1) % 1000; follow(); });
ask("state").then((state) => {
  if (!state) return;
  stage = state;
  $("headline").textContent = `The team of ${state.name} at work`;
  $("lede").textContent = state.conditioned
    ? "It was trained under all multipliers. Slide how fair it should work: the multiplier follows, and the team with it."
    : "It was trained under one multiplier, which all thresholds get; train with conditioning to let it follow.";
  $("tau").max = state.levels.length - 1;
  $("tau").value = state.levels.indexOf(state.tau);
  follow();
});

"use strict";
// Draws each figure from the specification beside it, in the page's colours, and fills the menu that saves it.
(() => {
  const themes = JSON.parse(document.getElementById("themes").textContent);
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  const places = [...document.querySelectorAll(".chart")];
  // Pictures are saved in light colours and at one size, whatever the screen: they end up on paper.
  const savedWidth = 760;

  const specification = (place) => JSON.parse(place.parentElement.querySelector("script").textContent);
  // A map keeps its proportions, and no picture is taller than most windows.
  const tallest = 720;
  const aspectOf = (spec) => (spec.usermeta && spec.usermeta.aspect) || null;
  const sized = (spec, width) => {
    const aspect = aspectOf(spec);
    return aspect ? { ...spec, height: Math.round(width * aspect) } : spec;
  };
  const options = (theme, more) => ({
    config: theme,
    formatLocale: themes.numbers,
    renderer: "svg",
    ast: true, // expressions are interpreted, never compiled: the page's policy forbids eval
    mode: "vega-lite",
    ...more,
  });

  async function pictures(spec) {
    const hidden = document.createElement("div");
    hidden.className = "offstage";
    document.body.append(hidden);
    // What the page says above a picture, the saved picture says itself.
    const title = spec.usermeta && spec.usermeta.title;
    const whole = { ...sized(spec, savedWidth), width: savedWidth, ...(title ? { title } : {}) };
    const drawn = await vegaEmbed(hidden, whole, options(themes.light, { actions: false }));
    const links = { svg: await drawn.view.toImageURL("svg"), png: await drawn.view.toImageURL("png", 2) };
    drawn.finalize();
    hidden.remove();
    return links;
  }

  function fillMenu(place, spec) {
    const menu = place.querySelector("details");
    const actions = place.querySelector(".vega-actions");
    menu.querySelector("summary").setAttribute("aria-label", "Save this picture");
    // The links are made when the menu opens, so that keyboard and touch find them ready, not only a mouse.
    actions.addEventListener("mousedown", (event) => event.stopPropagation(), true);
    menu.addEventListener("toggle", async () => {
      if (!menu.open || place.dataset.saved) return;
      place.dataset.saved = "soon";
      const links = await pictures(spec);
      for (const link of actions.querySelectorAll("a")) {
        const ending = link.download.split(".").pop();
        link.href = links[ending];
      }
      place.dataset.saved = "ready";
    });
  }

  async function draw(place) {
    const spec = specification(place);
    const theme = dark.matches ? themes.dark : themes.light;
    const embedded = options(theme, {
      actions: { export: true, source: false, compiled: false, editor: false },
      downloadFileName: `evenhand-${place.dataset.name}`,
      i18n: { CLICK_TO_VIEW_ACTIONS: "Save this picture" },
    });
    if (aspectOf(spec)) place.style.maxWidth = `${Math.round(tallest / aspectOf(spec))}px`;
    const result = await vegaEmbed(place, sized(spec, place.clientWidth), embedded);
    if (aspectOf(spec)) {
      window.addEventListener("resize", () => {
        result.view.height(Math.round(place.clientWidth * aspectOf(spec))).runAsync();
      });
    }
    delete place.dataset.saved;
    fillMenu(place, spec);
  }

  async function drawAll() {
    await Promise.all(places.map(draw));
    document.documentElement.dataset.charts = "drawn";
  }

  function searchTasks() {
    const field = document.getElementById("search");
    if (!field) return;
    const rows = [...document.querySelectorAll("#tasks tbody tr")];
    const texts = rows.map((row) => `${row.cells[0].textContent}\n${row.cells[1].textContent}`.toLowerCase());
    const found = document.getElementById("found");
    field.addEventListener("input", () => {
      const wanted = field.value.trim().toLowerCase();
      let shown = 0;
      rows.forEach((row, k) => {
        row.hidden = !texts[k].includes(wanted);
        shown += row.hidden ? 0 : 1;
      });
      found.textContent = wanted ? `${shown} of ${rows.length}` : "";
    });
  }

  // Slides over the levels that were solved: what each costs, and who carries what.
  function slide(place) {
    const field = place.querySelector("input");
    const { agents, levels } = JSON.parse(place.querySelector("script").textContent);
    const rows = agents.map((agent) => {
      const [row, name, bar, load] = ["div", "dt", "dd", "dd"].map((tag) => document.createElement(tag));
      name.textContent = agent;
      bar.className = "bar";
      bar.setAttribute("aria-hidden", "true");
      row.append(name, bar, load);
      return { row, bar, load };
    });
    const show = () => {
      const level = levels[field.value];
      place.querySelector("p").textContent = level.said;
      field.setAttribute("aria-valuetext", level.said);
      rows.forEach(({ bar, load }, k) => {
        bar.style.setProperty("--share", level.shares[k] ?? 0);
        load.textContent = level.loads[k] ?? "–";
      });
    };
    place.querySelector("dl").replaceChildren(...rows.map(({ row }) => row));
    place.hidden = false;
    field.addEventListener("input", show);
    show();
  }

  document.querySelectorAll(".slider").forEach(slide);
  searchTasks();
  drawAll();
  dark.addEventListener("change", drawAll);
})();

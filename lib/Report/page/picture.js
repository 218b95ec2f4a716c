// The picture: one row a step, from the input at the top to the answer. A stage
// is a row of cards, one a kind of branch, which hold a bar a layer; lines
// between the rows are drawn once the browser has placed the cards.

// More kinds of branches, layers or steps than these are folded.
const mostKinds = 8, mostBars = 12, firstSteps = 12, lastSteps = 6;

class Picture {
  constructor(report) {
    this.report = report;
    this.lines = shape("svg", {class: "lines", "aria-hidden": "true"});
    this.rows = element("div", {class: "rows"});
    this.box = element("div", {class: "box picture"},
                       element("div", {class: "canvas"}, this.lines, this.rows));
    this.edges = [];
    this.sources = new Map();
    this.mostChannels = this.findMostChannels();
  }

  /** The element; place() is to be called when it is in the page. */
  build() {
    for (const value of this.report.inputs)
      this.addPill(describeValue(value), "input", [], [value]);
    const steps = this.report.steps;
    const folded = steps.length > firstSteps + lastSteps + 1;
    steps.forEach((step, i) => {
      if (folded && i === firstSteps)
        this.addRow(element("div", {class: "card fold"},
                            `${steps.length - firstSteps - lastSteps} more steps`));
      if (!folded || i < firstSteps || i >= steps.length - lastSteps)
        this.addStep(step);
    });
    for (const value of this.report.outputs)
      this.addPill(describeValue(value), "output", [value], []);
    return this.box;
  }

  /** Bars compare widths within branches; without any, among serial layers. */
  findMostChannels() {
    const most = (parallel) => Math.max(0, ...this.report.steps
        .filter((step) => step.branches && step.parallel === parallel)
        .flatMap((step) => step.branches.flatMap((branch) => branch.layers))
        .map(channelsOf));
    return most(true) || most(false) || 1;
  }

  addRow(...nodes) {
    this.rows.append(element("div", {class: "row"}, ...nodes));
  }

  addStep(step) {
    if (step.merge)
      this.addPill(`${step.merge} · ${dimensions(step.output.shape)}`, "merge",
                   step.inputs, [step.output]);
    else
      this.addStage(step);
  }

  addPill(label, style, inputs, outputs) {
    const pill = element("div", {class: `pill ${style}`, title: label}, label);
    this.connect(inputs, pill, style === "merge", outputs);
    this.addRow(pill);
  }

  addStage(stage) {
    const kinds = kindsOf(stage);
    const cards = kinds.slice(0, mostKinds).map((kind) => this.makeCard(stage, kind));
    const hidden = kinds.slice(mostKinds).reduce((sum, kind) => sum + kind.members.length, 0);
    if (hidden)
      cards.push(element("div", {class: "card fold"},
                         `${plural(hidden, "more branch")}, in the table below`));
    this.addRow(...cards);
  }

  makeCard(stage, {branch, members}) {
    const each = members.length > 1 ? " each" : "";
    const bytes = (count) => stage.parallel && count
        ? element("div", {class: "bytes"}, `▾ ${roundedBytes(count)}${each}`) : "";
    const notes = elsewhere(branch);
    const style = ["card", stage.parallel ? "" : "serial", members.length > 1 ? "stack" : "",
                   members.length > 2 ? "high" : ""].join(" ");
    const card = element("div", {class: style},
        element("div", {class: "title"}, titleOf(stage, members)),
        element("div", {class: "small"}, `on ${branch.target}`),
        this.makeBars(branch),
        notes.length ? element("div", {class: "small warn", title: notes.map(
            (note) => `${printable(note.layer)}: ${note.reason}`).join("\n")},
            `${plural(notes.length, "op")} elsewhere`) : "",
        element("div", {class: "small"},
                `${rounded(branch.parameters)} parameters, ${rounded(branch.macs)} MACs`));
    // Equal branches end in the same place.
    this.connect(branch.inputs, card, stage.parallel,
                 members.flatMap((member) => stage.branches[member].outputs));
    return element("div", {class: "branch"}, bytes(branch.bytes_in), card,
                   bytes(branch.bytes_out));
  }

  makeBars(branch) {
    const bars = barsOf(branch.layers);
    if (bars.length === 0)
      return element("div", {class: "small empty"}, "no layer with weights");
    // By the root, or narrow branches beside wide ones could not be seen.
    return bars.map((bar) => {
      const width = 100 * Math.sqrt(bar.channels / this.mostChannels);
      const node = element("div", {class: "bar", title: bar.title},
                           element("div", {class: "fill"}),
                           element("span", {}, bar.left), element("span", {}, bar.right));
      node.firstChild.style.width = `${Math.min(Math.max(width, 3), 100)}%`;
      return node;
    });
  }

  /** Lines from where `inputs` come from to `node`, which `outputs` come from. */
  connect(inputs, node, network, outputs) {
    const sources = new Set(inputs.map((value) => this.sources.get(value.value)));
    for (const source of sources)
      if (source)
        this.edges.push({source, node, network});
    for (const value of outputs)
      this.sources.set(value.value, node);
  }

  /** Draws the lines where the cards are now. */
  place() {
    const origin = this.rows.getBoundingClientRect();
    this.lines.setAttribute("width", origin.width);
    this.lines.setAttribute("height", origin.height);
    this.lines.replaceChildren(...this.edges.map(({source, node, network}) => {
      const above = source.getBoundingClientRect(), below = node.getBoundingClientRect();
      const x0 = above.left + above.width / 2 - origin.left, y0 = above.bottom - origin.top;
      const x1 = below.left + below.width / 2 - origin.left, y1 = below.top - origin.top;
      const middle = (y0 + y1) / 2;
      return shape("path", {class: network ? "edge network" : "edge",
                            d: `M${x0},${y0} C${x0},${middle} ${x1},${middle} ${x1},${y1}`});
    }));
  }
}

function describeValue(value) {
  return `${printable(value.name)} · ${dimensions(value.shape)} · ${roundedBytes(value.bytes)}`;
}

function titleOf(stage, members) {
  if (!stage.parallel)
    return `serial, s${stage.stage}`;
  return (members.length > 1 ? "branches " : "branch ") + ranges(members) +
         (members.length > 2 ? ` (${members.length} alike)` : "") +
         (stage.first_device ? `, from device ${stage.first_device}` : "");
}

/** Layers one by one or, when they are many, by the size of their image. */
function barsOf(layers) {
  const runs = [];
  for (const layer of layers) {
    const last = runs.at(-1);
    if (layers.length > mostBars && last && imageOf(last[0]) === imageOf(layer))
      last.push(layer);
    else
      runs.push([layer]);
  }
  return runs.map((run) => {
    const widths = run.map(channelsOf), size = imageOf(run[0]);
    const least = Math.min(...widths), most = Math.max(...widths);
    return {
      left: run.length === 1 ? layerKind(run[0]) : `${run.length} ${size ? "conv" : "dense"}`,
      right: (least < most ? `${least}–${most}` : `${most}`) + (size ? ` @ ${size}` : ""),
      channels: most,
      title: run.map(describeLayer).join("\n"),
    };
  });
}

function describeLayer(layer) {
  return `${printable(layer.name)}: ${layerKind(layer)}, result ` +
         `${dimensions(layer.result_shape)}, ${rounded(layer.parameters)} parameters, ` +
         `${rounded(layer.macs)} MACs`;
}

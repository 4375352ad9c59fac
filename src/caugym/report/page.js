"use strict";
(() => {
  const make = (tag, name, text) => {
    const node = document.createElement(tag);
    if (name) node.className = name;
    if (text !== undefined) node.textContent = text;
    return node;
  };

  // Tables: a click on a heading sorts by the first number of a cell, or by its text.
  const value = (cell) => {
    const text = cell.textContent.trim();
    const scaled = /^([-+]?[\d,]*\.?\d+)([kMBT]?)\b/.exec(text);
    if (!scaled) return { text };
    const size = { k: 1e3, M: 1e6, B: 1e9, T: 1e12 }[scaled[2]] || 1;
    return { text, number: parseFloat(scaled[1].replace(/,/g, "")) * size };
  };
  const compare = (a, b) => {
    if (a.number !== undefined && b.number !== undefined) return a.number - b.number;
    if (a.number !== undefined) return 1;
    if (b.number !== undefined) return -1;
    return a.text.localeCompare(b.text);
  };
  for (const table of document.querySelectorAll("table.sortable")) {
    const headings = [...table.tHead.rows[0].cells];
    headings.forEach((heading, column) => {
      const button = make("button", "", heading.textContent);
      button.type = "button";
      heading.replaceChildren(button);
      button.addEventListener("click", () => {
        const first = column === 0 ? "ascending" : "descending";
        const second = column === 0 ? "descending" : "ascending";
        const order = heading.getAttribute("aria-sort") === first ? second : first;
        for (const other of headings) other.removeAttribute("aria-sort");
        heading.setAttribute("aria-sort", order);
        const rows = [...table.tBodies[0].rows];
        const sign = order === "ascending" ? 1 : -1;
        rows.sort((a, b) => sign * compare(value(a.cells[column]), value(b.cells[column])));
        table.tBodies[0].append(...rows);
      });
    });
  }

  // The problem browser. What a model wrote is set as text, never as HTML.
  const data = JSON.parse(document.getElementById("problem-data").textContent);
  const list = document.getElementById("problem-list");
  if (!list) return;
  const count = document.getElementById("problem-count");
  const shown = document.getElementById("problem");
  const fields = Object.fromEntries(
    ["set", "task", "model", "verdict", "words"].map((name) => [name, document.getElementById("filter-" + name)]));
  const words = (text) => text.replaceAll("_", " ");
  const fill = (name, values) => {
    for (const one of [...new Set(values)]) {
      const option = make("option", "", words(one));
      option.value = one;
      fields[name].append(option);
    }
  };
  fill("set", data.problems.map((problem) => problem.set));
  fill("task", data.problems.map((problem) => problem.task).sort());
  fill("model", data.problems.flatMap((problem) => problem.made.map((made) => made.model)));
  fill("verdict", data.problems.flatMap((problem) => problem.made.map((made) => made.verdict)).sort());

  const fits = (problem) => {
    const wanted = Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, field.value]));
    if (wanted.set && problem.set !== wanted.set) return false;
    if (wanted.task && problem.task !== wanted.task) return false;
    if (wanted.words && !(problem.id + " " + problem.prompt).toLowerCase().includes(wanted.words.toLowerCase())) return false;
    if (!wanted.model && !wanted.verdict) return true;
    return problem.made.some((made) =>
      (!wanted.model || made.model === wanted.model) && (!wanted.verdict || made.verdict === wanted.verdict));
  };

  const box = (title, kind, ...children) => {
    const node = make("div", "box " + kind);
    node.append(make("h4", "", title), ...children);
    return node;
  };

  const written = (made) => {
    const pre = make("pre");
    pre.tabIndex = 0;
    pre.setAttribute("aria-label", "Completion of " + made.model);
    const wrong = made.wrong;
    // Offsets count characters as Python does: one for each code point.
    const points = wrong ? Array.from(made.text) : [];
    if (wrong && wrong.length && wrong.at < points.length) {
      const piece = (from, to) => points.slice(from, to).join("");
      pre.append(piece(0, wrong.at), make("mark", "", piece(wrong.at, wrong.at + wrong.length)),
        piece(wrong.at + wrong.length));
    } else {
      pre.textContent = made.text || "(empty)";
    }
    return pre;
  };

  const completion = (made) => {
    const node = make("article", "box made");
    const head = make("header");
    const right = made.verdict === "correct";
    head.append(make("strong", "", made.model), make("span", "badge " + (right ? "right" : "wrong"), words(made.verdict)),
      make("span", "note", made.right + " of " + made.runs + " runs right"));
    node.append(head, written(made));
    if (made.hidden) node.append(make("p", "note", made.hidden.toLocaleString("en") +
      " more characters stand in completions.jsonl."));
    if (made.wrong) {
      const expected = made.wrong.expected ? ". The reference has: " + made.wrong.expected : ".";
      node.append(make("p", "note", "First wrong step: " + made.wrong.kind + expected));
    }
    node.append(make("p", "note", "Judge: " + made.why));
    return node;
  };

  const open = (problem, button) => {
    for (const other of list.querySelectorAll("[aria-current]")) other.removeAttribute("aria-current");
    button.setAttribute("aria-current", "true");
    const left = make("div"), right = make("div");
    const prompt = make("pre", "prompt", problem.prompt);
    prompt.tabIndex = 0;
    left.append(box("Problem", "asked", prompt));
    if (problem.graph) {
      const graph = make("div");
      graph.innerHTML = problem.graph;  // drawn by the report itself, its labels escaped
      right.append(box("Causal graph", "beside", graph));
    }
    const key = make("pre", "", problem.key);
    if (problem.solution) {
      const steps = make("ol", "steps");
      for (const step of problem.solution) steps.append(make("li", "", step));
      right.append(box("Exact solution", "beside", steps));
    }
    right.append(box("Key", "beside", key));
    left.append(...problem.made.map(completion));
    const pair = make("div", "pair");
    pair.append(left, right);
    const title = make("h3", "", problem.id);
    title.tabIndex = -1;
    shown.replaceChildren(title, pair);
  };

  const refresh = () => {
    const found = data.problems.filter(fits);
    list.replaceChildren(...found.map((problem) => {
      const item = make("li"), button = make("button");
      button.type = "button";
      const right = problem.made.filter((made) => made.verdict === "correct").length;
      button.append(make("span", "id", problem.id), make("span", "sum", right + "/" + problem.made.length + " right"));
      button.addEventListener("click", () => { open(problem, button); shown.querySelector("h3").focus(); });
      item.append(button);
      return item;
    }));
    count.textContent = found.length + " of " + data.problems.length + " problems";
    if (found.length) open(found[0], list.querySelector("button"));
    else shown.replaceChildren(make("p", "note", "No problem fits these filters."));
  };
  for (const field of Object.values(fields)) field.addEventListener("input", refresh);
  refresh();
})();

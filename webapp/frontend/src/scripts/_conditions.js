// Shows and hides fields while somebody fills in a form, by the very condition that the server decides with: the FEEL
// text in data-hide. Only the part of FEEL that forms use is read here; a condition that is not understood leaves the
// field as the server drew it, and the server decides in any case.
const TOKEN = /\s*(?:(!=|=|\(|\)|,)|"((?:[^"\\]|\\.)*)"|(-?\d+(?:\.\d+)?)|([A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*))/y;

function tokens(text) {
  const found = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.length) {
    const start = TOKEN.lastIndex;
    const match = TOKEN.exec(text);
    if (!match) {
      if (text.slice(start).trim() === "") break;
      throw new SyntaxError(text);
    }
    if (match[1]) found.push({ sign: match[1] });
    else if (match[2] !== undefined) found.push({ value: match[2] });
    else if (match[3] !== undefined) found.push({ value: Number(match[3]) });
    else found.push({ word: match[4] });
  }
  return found;
}

export function compile(text) {
  const rest = tokens(text.replace(/^\s*=/, ""));
  const next = (kind, what) => rest.length > 0 && rest[0][kind] === what;
  const take = (kind, what) => {
    if (!next(kind, what)) throw new SyntaxError(text);
    rest.shift();
  };

  const operand = () => {
    const token = rest.shift();
    if (!token) throw new SyntaxError(text);
    if (token.sign === "(") {
      const inner = either();
      take("sign", ")");
      return inner;
    }
    if ("value" in token) return () => token.value;
    if (token.word === "true" || token.word === "false") return () => token.word === "true";
    if (token.word === "null") return () => null;
    if (token.word === "not") {
      take("sign", "(");
      const inner = either();
      take("sign", ")");
      return (scope) => !inner(scope);
    }
    if (!token.word) throw new SyntaxError(text);
    return (scope) => scope(token.word);
  };
  const comparison = () => {
    const left = operand();
    for (const sign of ["=", "!="]) {
      if (next("sign", sign)) {
        rest.shift();
        const right = operand();
        return (scope) => (left(scope) === right(scope)) === (sign === "=");
      }
    }
    if (next("word", "in")) {
      rest.shift();
      take("sign", "(");
      const among = [operand()];
      while (next("sign", ",")) {
        rest.shift();
        among.push(operand());
      }
      take("sign", ")");
      return (scope) => among.some((each) => each(scope) === left(scope));
    }
    return left;
  };
  const both = () => {
    let left = comparison();
    while (next("word", "and")) {
      rest.shift();
      const former = left;
      const right = comparison();
      left = (scope) => former(scope) && right(scope);
    }
    return left;
  };
  function either() {
    let left = both();
    while (next("word", "or")) {
      rest.shift();
      const former = left;
      const right = both();
      left = (scope) => former(scope) || right(scope);
    }
    return left;
  }

  const condition = either();
  if (rest.length) throw new SyntaxError(text);
  return condition;
}

// Inside a row a name means the answer of that row first, then one around the list, as it does on the server. What the
// form does not ask is among what the case knows already.
function answers(form, row, known) {
  return (name) => {
    const named = (wanted) => [...form.elements].filter((field) => field.name === wanted);
    const within = row ? named(`${row}.${name}`) : [];
    const fields = within.length ? within : named(name);
    if (!fields.length) return known[name] ?? null;
    if (fields[0].type === "radio") return fields.find((field) => field.checked)?.value ?? null;
    if (fields[0].type === "checkbox") return fields.length === 1 ? fields[0].checked : fields.filter((field) => field.checked).map((field) => field.value);
    if (fields[0].type === "number" || fields[0].inputMode === "decimal") return fields[0].value === "" ? null : Number(fields[0].value);
    return fields[0].value === "" ? null : fields[0].value;
  };
}

export function followConditions(form) {
  const sections = [];
  form.querySelectorAll("[data-hide]").forEach((section) => {
    try {
      const known = JSON.parse(section.dataset.known ?? "{}");
      sections.push([section, compile(section.dataset.hide), answers(form, section.closest("[data-row]")?.dataset.row, known)]);
    } catch {
      // Not understood here: the server's word stands.
    }
  });
  if (!sections.length) return;
  const apply = () => sections.forEach(([section, hides, scope]) => { section.hidden = Boolean(hides(scope)); });
  form.addEventListener("input", apply);
  form.addEventListener("change", apply);
  apply();
}

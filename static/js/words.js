// Where the words and the sentences of a text lie. All positions are Unicode code points, half-open.
window.SummitWords = (() => {
  const codePoints = (text) => { let n = 0; for (const _ of text) n++; return n; };

  // Words with a full stop that end no sentence: before a name, and before a number. Before a small letter a
  // segmenter ends none anyway.
  const NAMES = new Set(("mr mrs ms messrs dr prof gen col lt sgt capt gov sen rep st vs np tzw im ul św min płk ppłk mjr zob al "
    + "г гг им ул акад ген тов z.b d.h hr fr").split(" "));
  const NUMBERS = new Set(("jan feb mar apr jun jul aug sep sept oct nov dec no nos p pp art sec fig vol ch para approx ca nr poz ust pkt r str "
    + "ст п пп стр рис табл ч").split(" "));

  // A piece that a segmenter takes for a sentence goes on where it ends with an abbreviation or an initial.
  function goesOn(piece, next) {
    const last = piece.trimEnd().match(/(?:^|[\s(\[«“„"'’])([\p{L}.]+)\.$/u)?.[1].toLowerCase();
    if (last === undefined) return false;
    if (/^\p{N}/u.test(next)) return NUMBERS.has(last);
    return /^(?:\p{L}\.)*\p{L}$/u.test(last) || NAMES.has(last);
  }

  function segments(text, language, granularity) {
    if (!Intl.Segmenter) return null;
    try { return new Intl.Segmenter(language || undefined, { granularity }).segment(text); }
    catch { return new Intl.Segmenter(undefined, { granularity }).segment(text); } // not a language it knows
  }

  // [start, end] in code points of the pieces, without the white space around them.
  function spansOf(pieces) {
    const spans = [];
    let at = 0;
    for (const piece of pieces) {
      const length = codePoints(piece), words = piece.trim();
      if (words) { const start = at + codePoints(piece) - codePoints(piece.trimStart()); spans.push([start, start + codePoints(words)]); }
      at += length;
    }
    return spans;
  }

  function sentences(text, language) {
    const found = segments(text, language, "sentence");
    const pieces = found ? [...found].map((one) => one.segment) : text.split(/(?<=[.!?…]["»”’)\]]*\s+)(?=\S)/u);
    return spansOf(pieces.reduce((kept, piece) => {
      if (kept.length && goesOn(kept.at(-1), piece)) kept[kept.length - 1] += piece; else kept.push(piece);
      return kept;
    }, []));
  }

  // A word goes on over what joins it without a space: US-Russian, Kyiv’s, 7.5, and/or.
  const JOINS = /^[-‐‑–'’./·@_]$/u;

  function words(text, language) {
    const found = segments(text, language, "word");
    if (!found) { let at = 0; return text.split(/(\s+)/u).flatMap((piece) => { const start = at; at += codePoints(piece); return /[\p{L}\p{N}]/u.test(piece) ? [[start, at]] : []; }); }
    const spans = [];
    let at = 0, joins = false;
    for (const { segment, isWordLike } of found) {
      const end = at + codePoints(segment), last = spans.at(-1);
      if (isWordLike && joins) last[1] = end;
      else if (isWordLike) spans.push([at, end]);
      joins = !isWordLike && last?.[1] === at && JOINS.test(segment);
      at = end;
    }
    return spans;
  }

  return { codePoints, sentences, words };
})();

// CSV as in RFC 4180, one line at a time.

// A field, in quotes ("" stands for one of them) or not, up to a comma or the end.
const field = /(?:"([^"]*(?:""[^"]*)*)"|([^",]*))(,|$)/y;

// parseLine returns the fields of a line, undefined when its quotes are wrong.
export const parseLine = (line) => {
  const fields = [];
  field.lastIndex = 0;
  for (;;) {
    const [found, quoted, plain, end] = field.exec(line) ?? [];
    if (found === undefined) return undefined;
    fields.push(quoted?.replaceAll('""', '"') ?? plain);
    if (end === '') return fields;
  }
};

// The task ImportProducts: each line of a CSV file in its bucket becomes the command
// AddProduct. A turn has some lines of the file, and always the header.
//
// A line that cannot be imported is skipped and logged, without its content; the others
// go on. A line break within quotes is not supported: both halves are skipped.
import { parseLine } from './csv.js';
import { addProduct, brokenRule } from './import-product.js';

const needed = ['sku', 'title', 'desc', 'unitPrice', 'currency', 'category'];

// productOf reads a line; undefined when it does not have the header's columns.
const productOf = (columns, line) => {
  const fields = parseLine(line);
  if (!fields || fields.length !== columns.length) return undefined;
  /** @type {any} */
  const product = Object.fromEntries(columns.map((column, i) => [column, fields[i]]));
  return { ...product, unitPrice: Number(product.unitPrice) };
};

export const task = ({ key, header, lines, firstLine }) => {
  const columns = parseLine(header) ?? [];
  if (!needed.every((column) => columns.includes(column))) {
    console.warn(`${key} is skipped: its first line has to be ${needed.join()}`);
    return [];
  }
  return lines.flatMap((line, i) => {
    const product = productOf(columns, line);
    const problem = product ? brokenRule(product)?.code : 'LineUnreadable';
    if (product && !problem) return [addProduct(product)];
    console.warn(`${key}, line ${firstLine + i} is skipped: ${problem}`);
    return [];
  });
};

// The packages' own source files, without their tests and what they depend on.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export const PACKAGES = JSON.parse(readFileSync(new URL('packages.json', import.meta.url), 'utf8'));
const NOT_SOURCE = /^(node_modules|test|tests|testling|example|examples|benchmark|bench|tools)$|^tests?\.js$|\.min\.js$/;

export function sources(folder) {
  return readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1)).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (NOT_SOURCE.test(entry.name)) return [];
    return entry.isDirectory() ? sources(path) : entry.name.endsWith('.js') ? [{ path, code: readFileSync(path, 'utf8') }] : [];
  });
}
export const sourcesOfAll = (root) => PACKAGES.flatMap(({ name }) => sources(join(root, 'node_modules', name)));

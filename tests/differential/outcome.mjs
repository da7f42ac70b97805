// What a program did, in words that can be compared.

// A value. Functions and objects are only their type, because every edit shows in a function's source text.
export function show(value) {
  if (typeof value === 'string') return /function|class|=>/.test(value) ? 'source' : JSON.stringify(value);
  return exactly(value);
}

// The same, with strings word by word and zeros apart.
export function exactly(value) {
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'bigint') return `${value}n`;
  if (Object.is(value, -0)) return '-0';
  return typeof value === 'object' || typeof value === 'function' || typeof value === 'symbol' ? typeof value : String(value);
}

// What was thrown, without what a message quotes of source text.
export function failure(error) {
  try {
    // Messages quote source text, and count what they leave out of it.
    const message = String(error?.message)
      .replace(/(\(intermediate value\))+/g, '(...)')
      .replace(/\(\.\.\.\)(\.bind)?(\(\.\.\.\))+/g, '(...)');
    return `${error?.name}: ${message.replace(/["'`(]?(async )?(function|class|\(.*\) =>|\w+ =>)[^]*/, 'source')}`;
  } catch {
    return 'an error that cannot be shown';
  }
}

// What was thrown, word by word.
export function exactFailure(error) {
  try {
    return `${error?.name}: ${String(error?.message)}`;
  } catch {
    return 'an error that cannot be shown';
  }
}

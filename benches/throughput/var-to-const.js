// A codemod as jscodeshift's users write one: `const` for what nothing in the file assigns again, `let` for the rest. It goes by names and
// looks at no scope, so it does less than the others and is quicker for it; what it does to hoisting is its user's to review.

module.exports = function varToConst(file, { jscodeshift: j }) {
  const root = j(file.source);
  const assigned = new Set();
  const names = (pattern) => j(pattern).find(j.Identifier).forEach(({ node }) => assigned.add(node.name));
  const note = (target) => (target.type === 'Identifier' ? assigned.add(target.name) : target.type.endsWith('Pattern') && names(target));
  root.find(j.AssignmentExpression).forEach(({ node }) => note(node.left));
  root.find(j.UpdateExpression).forEach(({ node }) => note(node.argument));
  for (const loop of [j.ForInStatement, j.ForOfStatement]) root.find(loop).forEach(({ node }) => note(node.left));
  const found = root.find(j.VariableDeclaration, { kind: 'var' });
  if (found.length === 0) return undefined;
  found.forEach(({ node, parent }) => {
    const fixed = ({ id, init }) => id.type === 'Identifier' && !assigned.has(id.name) && (init || /^For(In|Of)/.test(parent.node.type));
    node.kind = node.declarations.every(fixed) ? 'const' : 'let';
  });
  return root.toSource();
};

// A rule of the linter: a copy may not write `undefined` over a member that is there. JavaScript does; in Lua, whose tables
// hold no nil, the earlier value stays.
import ts from 'typescript';

/** @param {ts.TypeChecker} checker @param {ts.Symbol} member @param {ts.Node} place */
function maybeUndefined(checker, member, place) {
  if ((member.flags & ts.SymbolFlags.Optional) !== 0) return false;
  const type = checker.getTypeOfSymbolAtLocation(member, place);
  return (type.isUnion() ? type.types : [type]).some((part) => (part.flags & ts.TypeFlags.Undefined) !== 0);
}

/** @type {import('eslint').Rule.RuleModule} */
export const LOST_UNDEFINED = {
  create(context) {
    const services = context.sourceCode.parserServices;
    const checker = services.program.getTypeChecker();

    /** @param {import('estree').Node} node @param {readonly (readonly ts.Symbol[])[]} sources members, in the order of copying */
    function check(node, sources) {
      const place = services.esTreeNodeToTSNodeMap.get(node);
      const seen = new Set();
      for (const members of sources) {
        for (const member of members) {
          if (seen.has(member.name) && maybeUndefined(checker, member, place))
            context.report({
              node,
              message: `in Lua \`${member.name}\` keeps its earlier value where this one is undefined`,
            });
        }
        for (const member of members) seen.add(member.name);
      }
    }

    const membersOf = (node) => services.getTypeAtLocation(node).getProperties();
    return {
      'CallExpression[callee.object.name="Object"][callee.property.name="assign"]'(node) {
        check(node, node.arguments.map(membersOf));
      },
      'ObjectExpression:has(> SpreadElement)'(node) {
        const memberOf = (property) => services.getSymbolAtLocation(property.key);
        check(
          node,
          node.properties.map((part) => (part.type === 'SpreadElement' ? membersOf(part.argument) : [memberOf(part)])),
        );
      },
    };
  },
};

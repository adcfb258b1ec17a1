/** Longer than any message of a gate. */
const MOST_CHARACTERS = 65_536;

/**
 * Takes a stream of server-sent events apart (HTML Living Standard §9.2.6) as far as a gate uses it: the text of `data`.
 * `EventSource` cannot send the token that the gate asks for.
 *
 * @returns takes the next piece and returns what it completes, an empty text for a comment: the gate is alive
 * @throws {RangeError} for a message without end
 */
export function makeEventReader(): (piece: string) => string[] {
  let rest = "";
  return (piece) => {
    const blocks = `${rest}${piece}`.replaceAll("\r\n", "\n").split("\n\n");
    rest = blocks.pop() ?? "";
    if (rest.length > MOST_CHARACTERS) throw new RangeError("a message without end");
    return blocks.map((block) =>
      block
        .split("\n")
        .filter((line) => line.startsWith("data:"))
        .map((line) => line.slice(line.startsWith("data: ") ? 6 : 5))
        .join("\n"),
    );
  };
}

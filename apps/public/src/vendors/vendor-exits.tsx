import { fillText, StateMark } from "@menshen/ui";
import type { VendorExit } from "@menshen/wire";
import { useCommunityMoments } from "../community/use-community.tsx";
import { useVoteTexts } from "../votes/texts.ts";

/** A vendor that goes or went: one line, and behind it what each store and device became. */
export function VendorExits(props: { exits: readonly VendorExit[] }) {
  const t = useVoteTexts();
  const moments = useCommunityMoments();
  return props.exits.map(({ id, ground, begunAt, closedAt, items }) => {
    const missing = items.filter(({ outcome }) => outcome === undefined).length;
    return (
      <div key={id} className="vendor-exit">
        <p>
          <StateMark tone={closedAt === undefined ? "refused" : "granted"}>
            {closedAt === undefined
              ? fillText(t.leaving, { when: moments.day(begunAt), count: missing })
              : fillText(t.left, { when: moments.day(closedAt) })}
          </StateMark>
        </p>
        <p className="plain-quiet">{ground}</p>
        <details>
          <summary>{fillText(t.exitItems, { count: items.length })}</summary>
          <ul className="plain-list">
            {items.map((item) => (
              <li key={item.id}>
                <span className="plain-quiet">{t.exitKind[item.kind]}</span> {item.name} ·{" "}
                {item.outcome === undefined ? t.outcomeMissing : `✓ ${t.outcome[item.outcome]}`}
                {item.words === undefined ? null : <span className="plain-quiet"> · {item.words}</span>}
                {item.leafIndex === undefined ? null : (
                  <>
                    {" "}
                    ·{" "}
                    <a href={`/public/#leaf=${item.leafIndex}`}>
                      {fillText(t.leaf, { index: item.leafIndex })}
                    </a>
                  </>
                )}
              </li>
            ))}
          </ul>
        </details>
      </div>
    );
  });
}

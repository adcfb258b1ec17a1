import { useDevice } from "../device/device-context.tsx";
import { recoveryGroups } from "../device/recovery-code.ts";
import { useTexts } from "../i18n/texts.ts";

/** The recovery code in groups, as it is shown and printed. */
export function RecoverySheet(props: { seed: Uint8Array }) {
  const t = useTexts();
  const { community } = useDevice();
  return (
    <section className="recovery" aria-label={t.code.title}>
      <p className="recovery__name">{t.code.paper.replace("{{community}}", community?.name ?? "")}</p>
      <ol className="recovery__groups">
        {recoveryGroups(props.seed).map((group, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: the place of a group is what it is.
          <li key={index}>
            <span className="recovery__number" aria-hidden="true">
              {index + 1}
            </span>
            <span className="recovery__group">{group}</span>
          </li>
        ))}
      </ol>
      <p className="recovery__never">{t.code.never}</p>
    </section>
  );
}

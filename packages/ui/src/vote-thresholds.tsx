import { areaText, type Majority, type OwnersVote, thresholdsOf } from "@menshen/domain";
import { fillText } from "./fill-text.ts";
import type { Language } from "./preferences.tsx";
import { StateMark } from "./state-mark.tsx";

const TEXTS = {
  "zh-CN": {
    measure: { heads: "按人数", areaDm2: "按面积（平方米）" },
    quorum: "参加",
    majority: "同意",
    of: "{{has}} / {{total}}",
    least: "至少 {{needs}}",
    met: "够",
    unmet: "不够",
    caption: "每一条都要够",
  },
  en: {
    measure: { heads: "by heads", areaDm2: "by area (m²)" },
    quorum: "Took part",
    majority: "In favour",
    of: "{{has}} of {{total}}",
    least: "needs {{needs}}",
    met: "enough",
    unmet: "too few",
    caption: "Every line must be enough",
  },
} as const;

/** The four thresholds of an owners' vote with their exact numbers (Civil Code 278). */
export function VoteThresholds(props: {
  vote: OwnersVote;
  majority: Majority;
  language: Language;
  /** A secret vote without its quorum: how many were in favour, nobody knows. */
  isUnopened?: boolean;
}) {
  const t = TEXTS[props.language];
  const shown = thresholdsOf(props.vote, props.majority).filter(
    ({ of }) => of === "quorum" || props.isUnopened !== true,
  );
  return (
    <table className="ms-thresholds">
      <caption>{t.caption}</caption>
      <tbody>
        {shown.map(({ measure, of, has, total, needs, met }) => {
          const figure = measure === "areaDm2" ? areaText : String;
          return (
            <tr key={`${measure} ${of}`}>
              <th scope="row">
                {t[of]} {t.measure[measure]}
              </th>
              <td>{fillText(t.of, { has: figure(has), total: figure(total) })}</td>
              <td>{fillText(t.least, { needs: figure(needs) })}</td>
              <td>
                <StateMark tone={met ? "granted" : "refused"}>{met ? t.met : t.unmet}</StateMark>
              </td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}

import { fillText } from "@menshen/ui";
import { useNamingNotices } from "../api/answers.ts";
import { useTexts } from "../i18n/texts.ts";
import { useMoments } from "../layout/moments.ts";

/** Says plainly when the duty desk sees who passed, now or soon; nothing where nobody decided so. */
export function NamingNotices() {
  const t = useTexts();
  const moments = useMoments();
  const { value = [] } = useNamingNotices();
  return value.map((notice) => (
    <div key={notice.from} className="plain-notice plain-notice--due">
      <p>
        {fillText(notice.inForce ? t.trail.named.inForce : t.trail.named.announced, {
          from: moments.moment(notice.from),
          until: moments.moment(notice.until),
          count: notice.days,
        })}
      </p>
      <p className="plain-quiet">
        {fillText(t.trail.named.why, { title: notice.title, number: notice.documentNumber })}{" "}
        <a href="#/looks">{t.looks.title}</a>
      </p>
    </div>
  ));
}

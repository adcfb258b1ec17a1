import { clockText, GradeMark, StateMark } from "@menshen/ui";
import { type EventItem, eventEndpoints, type Remedy } from "@menshen/wire";
import { useQuery } from "@tanstack/react-query";
import { Drawer } from "antd";
import { useTranslation } from "react-i18next";
import { call } from "../../api/client.ts";
import { ExactMoment } from "../../components/moments.tsx";
import { Failed, Loading } from "../../components/page-states.tsx";
import { useReasonText } from "../../components/reason-text.ts";

/** Why one event came out as it did: reasons in words, the rules in question, what would have to change. */
export function WhyDrawer(props: { event: EventItem | undefined; onClose: () => void }) {
  const { t } = useTranslation();
  return (
    <Drawer open={props.event !== undefined} onClose={props.onClose} size={520} title={t("why.title")}>
      {props.event === undefined ? null : <Why event={props.event} />}
    </Drawer>
  );
}

function Why(props: { event: EventItem }) {
  const { t } = useTranslation();
  const reasonText = useReasonText();
  const { event } = props;
  const params = { gateId: event.gateId, sequence: event.sequence };
  const why = useQuery({
    queryKey: ["why", event.gateId, event.sequence],
    queryFn: ({ signal }) => call(eventEndpoints.why, { params, signal }),
  });
  if (why.isPending) return <Loading />;
  if (why.isError) return <Failed error={why.error} onRetry={() => void why.refetch()} />;
  const { reasons, rules, remedies } = why.data;

  return (
    <div className="why">
      <p>
        <StateMark tone={event.granted === true ? "granted" : "refused"}>
          {event.granted === true ? t("event.granted") : t("event.refused")}
        </StateMark>{" "}
        {event.accessPointName ?? event.portalName} · <ExactMoment epochMs={event.earliestAt} />
      </p>
      <ol className="why__reasons">
        {reasons.map((reason) => {
          const text = reasonText(reason);
          return (
            <li key={reason.code}>
              <strong>{text.why}</strong>
              {text.next === undefined ? null : <p>{text.next}</p>}
            </li>
          );
        })}
      </ol>
      {remedies.length === 0 ? null : (
        <>
          <h3>{t("why.remedies")}</h3>
          <ul>
            {remedies.map((remedy) => (
              <li key={`${remedy.code}/${remedy.ruleId ?? ""}`}>
                <RemedyText remedy={remedy} />
              </li>
            ))}
          </ul>
        </>
      )}
      {rules.length === 0 ? null : (
        <>
          <h3>{t("why.rules", { date: why.data.localDate, time: clockText(why.data.localMinute) })}</h3>
          <ul className="why__rules">
            {rules.map((rule) => (
              <li key={rule.ruleId ?? rule.name}>
                <strong>{rule.name}</strong>{" "}
                <GradeMark
                  grade={rule.minimumGrade}
                  label={t("grade.atLeast", { grade: rule.minimumGrade })}
                />
                <span>
                  {rule.scheduleName === undefined
                    ? t("common.always")
                    : `${rule.scheduleName}: ${
                        rule.windows === undefined || rule.windows.length === 0
                          ? t("why.closedThatDay")
                          : rule.windows
                              .map(
                                (window) => `${clockText(window.startMinute)}–${clockText(window.endMinute)}`,
                              )
                              .join(t("common.comma"))
                      }`}
                </span>
              </li>
            ))}
          </ul>
        </>
      )}
    </div>
  );
}

function RemedyText(props: { remedy: Remedy }) {
  const { t } = useTranslation();
  const { remedy } = props;
  return (
    <>
      {t(`remedy.${remedy.code}`)}
      {remedy.minimumGrade === undefined ? null : ` ${t("grade.atLeast", { grade: remedy.minimumGrade })}`}
      {remedy.at === undefined ? null : (
        <>
          {" "}
          <ExactMoment epochMs={remedy.at} />
        </>
      )}
    </>
  );
}

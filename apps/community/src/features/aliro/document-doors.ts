import { type Instant, meetsGrade, PersonId, type Validity } from "@menshen/domain";
import { type CommunityModel, grantedPlaces } from "@menshen/policy";

/** What an Aliro credential reaches at best. */
const ALIRO_GRADE = "B";

/**
 * Doors that are open to a person's telephone at any time from `from` to `until`: a document knows nothing of a rule's
 * schedule, nor when it begins or ends, so rules that have one say nothing here.
 */
export function doorsOpenThroughout(
  model: CommunityModel,
  personId: string,
  period: { readonly from: Instant; readonly until: Instant },
): ReadonlySet<string> {
  const covers = ({ from, until }: Validity) =>
    (from === undefined || from <= period.from) && (until === undefined || until >= period.until);
  const places = grantedPlaces({
    ...model,
    rules: model.rules.filter(
      ({ scheduleId, means, minimumGrade, validity }) =>
        scheduleId === undefined &&
        (means === undefined || means.includes("phone")) &&
        meetsGrade(ALIRO_GRADE, minimumGrade) &&
        covers(validity),
    ),
    residencies: model.residencies.filter(({ validity }) => covers(validity)),
  })(PersonId(personId));
  return new Set(
    model.accessPoints.filter(({ id }) => places.has(id)).map(({ portalId }) => portalId as string),
  );
}

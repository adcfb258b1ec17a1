import { INCIDENT_TEXTS } from "@menshen/domain";
import {
  credentialEndpoints,
  gateEndpoints,
  INCIDENT_GRADES,
  INCIDENT_KINDS,
  type IncidentGrade,
  type IncidentInput,
  type IncidentKind,
  type IncidentTarget,
  incidentEndpoints,
  PERSONAL_STORES,
  type PersonalStore,
} from "@menshen/wire";
import { useQuery } from "@tanstack/react-query";
import { Button, Checkbox, Input, Select } from "antd";
import { useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";
import { ApiError, call } from "../../api/client.ts";
import { usePaged } from "../../api/paged.ts";
import { useChange } from "../../api/records.tsx";
import { useMay, useSignedIn } from "../../api/session.tsx";
import { useHeldReason, useViewKey } from "../../api/view-reason.ts";
import { localDateTimeToEpochMs } from "../../components/local-time.ts";
import { NamesOnRequest } from "../../components/residents-data.tsx";
import { useOwnLanguage } from "./use-own-language.ts";

const SHOWN = 20;

/** What was hit, as somebody ticks it. */
interface Hit {
  readonly database: boolean;
  readonly stores: readonly PersonalStore[];
  readonly gateIds: readonly string[];
  readonly credentialIds: readonly string[];
}

function targetsOf({ database, stores, gateIds, credentialIds }: Hit): IncidentTarget[] {
  return [
    ...(database
      ? [{ kind: "database" as const }]
      : stores.map((store) => ({ kind: "store" as const, store }))),
    ...gateIds.map((gateId) => ({ kind: "gate" as const, gateId })),
    ...(credentialIds.length === 0 ? [] : [{ kind: "credentials" as const, ids: [...credentialIds] }]),
  ];
}

/** Opens an incident: from then on its clocks run. Words are written after. */
export function IncidentForm(props: { onClose: () => void }) {
  const { t } = useTranslation();
  const { t: text } = useTranslation("incidents");
  const own = useOwnLanguage();
  const navigate = useNavigate();
  const { timeZone } = useSignedIn().community;
  const id = useId();
  const [kind, setKind] = useState<IncidentKind>();
  const [grade, setGrade] = useState<IncidentGrade>("ordinary");
  const [hit, setHit] = useState<Hit>({ database: false, stores: [], gateIds: [], credentialIds: [] });
  const [from, setFrom] = useState("");
  const [until, setUntil] = useState("");
  const open = useChange((body: IncidentInput) => call(incidentEndpoints.open, { body }), {
    onDone: (incident) => void navigate(`/incidents/${incident.id}`),
    refusedText: (error) =>
      error instanceof ApiError && error.problem?.fields?.some(({ path }) => path === "body/from") === true
        ? text("refused.from")
        : undefined,
  });
  const fromMs = localDateTimeToEpochMs(from, timeZone);
  const untilMs = localDateTimeToEpochMs(until, timeZone);
  const targets = targetsOf(hit);
  const body =
    kind === undefined || fromMs === undefined || targets.length === 0
      ? undefined
      : { kind, grade, targets, from: fromMs, ...(untilMs === undefined ? {} : { until: untilMs }) };
  return (
    <form
      className="intake"
      onSubmit={(event) => {
        event.preventDefault();
        if (body !== undefined) open.mutate(body);
      }}
    >
      <h2>{text("form.title")}</h2>
      <p className="quiet">{text("form.help")}</p>
      <div className="intake__pair">
        <div className="form-field">
          <label htmlFor={`${id}-kind`}>{text("form.kind")}</label>
          <Select
            id={`${id}-kind`}
            value={kind ?? null}
            onChange={setKind}
            options={INCIDENT_KINDS.map((value) => ({ value, label: INCIDENT_TEXTS.kind[value][own] }))}
          />
        </div>
        <div className="form-field">
          <label htmlFor={`${id}-grade`}>{text("form.grade")}</label>
          <Select
            id={`${id}-grade`}
            value={grade}
            onChange={setGrade}
            aria-describedby={`${id}-grade-help`}
            options={INCIDENT_GRADES.map((value) => ({ value, label: INCIDENT_TEXTS.grade[value][own] }))}
          />
          <p className="quiet" id={`${id}-grade-help`}>
            {text("form.gradeHelp")}
          </p>
        </div>
      </div>
      <HitFields hit={hit} onChange={setHit} />
      <div className="intake__pair">
        <div className="form-field">
          <label htmlFor={`${id}-from`}>{text("form.from")}</label>
          <Input
            id={`${id}-from`}
            type="datetime-local"
            value={from}
            onChange={(event) => setFrom(event.target.value)}
          />
        </div>
        <div className="form-field">
          <label htmlFor={`${id}-until`}>{text("form.until")}</label>
          <Input
            id={`${id}-until`}
            type="datetime-local"
            value={until}
            aria-describedby={`${id}-until-help`}
            onChange={(event) => setUntil(event.target.value)}
          />
          <p className="quiet" id={`${id}-until-help`}>
            {text("form.untilHelp")}
          </p>
        </div>
      </div>
      <span className="actions">
        <Button type="primary" htmlType="submit" disabled={body === undefined} loading={open.isPending}>
          {text("form.save")}
        </Button>
        <Button onClick={props.onClose}>{t("common.cancel")}</Button>
      </span>
    </form>
  );
}

function HitFields(props: { hit: Hit; onChange: (hit: Hit) => void }) {
  const { t: text } = useTranslation("incidents");
  const own = useOwnLanguage();
  const id = useId();
  const mayReadCards = useMay("credentials.read");
  const mayReadDoors = useMay("doors.read");
  const { hit, onChange } = props;
  return (
    <fieldset className="form-field">
      <legend>{text("form.targets")}</legend>
      <Checkbox
        checked={hit.database}
        onChange={({ target }) => onChange({ ...hit, database: target.checked })}
      >
        {text("form.database")}
      </Checkbox>
      {hit.database ? null : (
        <div className="form-field">
          <span id={`${id}-stores`}>{text("form.stores")}</span>
          <Checkbox.Group
            aria-labelledby={`${id}-stores`}
            value={[...hit.stores]}
            onChange={(stores) => onChange({ ...hit, stores })}
            options={PERSONAL_STORES.map((value) => ({ value, label: INCIDENT_TEXTS.store[value][own] }))}
          />
        </div>
      )}
      {mayReadDoors ? (
        <Gates chosen={hit.gateIds} onChange={(gateIds) => onChange({ ...hit, gateIds })} />
      ) : null}
      {mayReadCards ? (
        <Cards chosen={hit.credentialIds} onChange={(credentialIds) => onChange({ ...hit, credentialIds })} />
      ) : null}
    </fieldset>
  );
}

interface Choice {
  readonly chosen: readonly string[];
  readonly onChange: (ids: readonly string[]) => void;
}

function Gates(props: Choice) {
  const { t: text } = useTranslation("incidents");
  const id = useId();
  const gates = usePaged(gateEndpoints.list, { limit: 200 });
  return (
    <div className="form-field">
      <label htmlFor={id}>{text("form.gates")}</label>
      <Select
        id={id}
        mode="multiple"
        value={[...props.chosen]}
        onChange={props.onChange}
        options={gates.items.map(({ id: value, name }) => ({ value, label: name }))}
      />
    </div>
  );
}

/** Credentials by the end of their number; they name residents, so a reason comes first. */
function Cards(props: Choice) {
  const { t: text } = useTranslation("incidents");
  const id = useId();
  const held = useHeldReason();
  const viewKey = useViewKey();
  const [label, setLabel] = useState("");
  const cards = useQuery({
    queryKey: [credentialEndpoints.list.id, "incident", label, viewKey],
    enabled: held !== undefined,
    queryFn: ({ signal }) =>
      call(credentialEndpoints.list, {
        query: { limit: SHOWN, ...(label === "" ? {} : { label: label.slice(-8) }) },
        signal,
      }),
  });
  // Those chosen before keep the end of their number, whatever is searched for now.
  const [names, setNames] = useState<Readonly<Record<string, string>>>({});
  const found = cards.data?.items ?? [];
  const nameOf = (value: string) =>
    found.find((card) => card.id === value)?.label ?? names[value] ?? value.slice(0, 8);
  return (
    <div className="form-field">
      <label htmlFor={id}>{text("form.cards")}</label>
      <p className="quiet" id={`${id}-help`}>
        {text("form.cardsHelp")}
      </p>
      <NamesOnRequest text={text("form.cardsHelp")} permission="credentials.read" />
      {held === undefined ? null : (
        <Select
          id={id}
          mode="multiple"
          aria-describedby={`${id}-help`}
          showSearch={{ filterOption: false, onSearch: setLabel }}
          value={[...props.chosen]}
          onChange={(ids) => {
            setNames(Object.fromEntries(ids.map((value) => [value, nameOf(value)])));
            props.onChange(ids);
          }}
          options={[...new Set([...found.map((card) => card.id), ...props.chosen])].map((value) => ({
            value,
            label: nameOf(value),
          }))}
        />
      )}
    </div>
  );
}

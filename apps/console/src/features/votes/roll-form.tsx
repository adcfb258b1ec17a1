import { areaText } from "@menshen/domain";
import { type BodyOf, ownersRollEndpoints, personEndpoints, type RollDwelling } from "@menshen/wire";
import { useQuery } from "@tanstack/react-query";
import { Button, Input, Select } from "antd";
import { useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { call } from "../../api/client.ts";
import { useChange } from "../../api/records.tsx";
import { useViewKey } from "../../api/view-reason.ts";
import { areaDm2 } from "../naming/area.ts";

const KINDS = ["persons", "company", "developer"] as const;
const SHOWN = 20;

/** A dwelling of the roll: its area from the register of titles, and whose it is. */
export function RollForm(props: { dwellingId: string; known: RollDwelling | undefined; onDone: () => void }) {
  const { t } = useTranslation();
  const { t: text } = useTranslation("votes");
  const id = useId();
  const viewKey = useViewKey();
  const { known, dwellingId } = props;
  const [area, setArea] = useState(known === undefined ? "" : areaText(known.areaDm2));
  const [kind, setKind] = useState<(typeof KINDS)[number]>(known?.kind ?? "persons");
  const [name, setName] = useState(known?.ownerName ?? "");
  const [personIds, setPersonIds] = useState<readonly string[]>(
    known?.persons.map((person) => person.id) ?? [],
  );
  const [wanted, setWanted] = useState("");
  const people = useQuery({
    queryKey: [personEndpoints.list.id, "roll", wanted, viewKey],
    queryFn: ({ signal }) =>
      call(personEndpoints.list, {
        query: { limit: SHOWN, ...(wanted === "" ? {} : { text: wanted }) },
        signal,
      }),
  });
  const save = useChange(
    (body: BodyOf<typeof ownersRollEndpoints.put>) =>
      call(ownersRollEndpoints.put, { params: { id: dwellingId }, body }),
    { onDone: props.onDone },
  );
  const measured = areaDm2(area);
  const isNamed = kind === "persons" || name.trim() !== "";
  const isComplete = measured !== undefined && measured > 0 && personIds.length > 0 && isNamed;
  const found = (people.data?.items ?? []).map((person) => ({ value: person.id, label: person.displayName }));
  const chosen = (known?.persons ?? [])
    .filter((person) => found.every(({ value }) => value !== person.id))
    .map((person) => ({ value: person.id, label: person.name ?? person.id.slice(0, 8) }));
  return (
    <form
      className="intake"
      onSubmit={(event) => {
        event.preventDefault();
        if (!isComplete) return;
        const owner =
          kind === "persons"
            ? { kind, personIds: [...personIds] }
            : { kind, name: name.trim(), personIds: [...personIds] };
        save.mutate({ areaDm2: measured, owner });
      }}
    >
      <div className="intake__pair">
        <div className="form-field">
          <label htmlFor={`${id}-area`}>{text("rollPage.area")}</label>
          <Input
            id={`${id}-area`}
            inputMode="decimal"
            maxLength={12}
            value={area}
            onChange={(event) => setArea(event.target.value)}
          />
        </div>
        <div className="form-field">
          <label htmlFor={`${id}-kind`}>{text("rollPage.owner")}</label>
          <Select
            id={`${id}-kind`}
            value={kind}
            onChange={setKind}
            options={KINDS.map((value) => ({ value, label: text(`rollPage.kind.${value}`) }))}
          />
        </div>
      </div>
      {kind === "persons" ? null : (
        <div className="form-field">
          <label htmlFor={`${id}-name`}>{text("rollPage.company")}</label>
          <Input
            id={`${id}-name`}
            maxLength={80}
            value={name}
            onChange={(event) => setName(event.target.value)}
          />
        </div>
      )}
      <div className="form-field">
        <label htmlFor={`${id}-persons`}>{text("rollPage.persons")}</label>
        <Select
          id={`${id}-persons`}
          mode="multiple"
          showSearch
          filterOption={false}
          onSearch={setWanted}
          value={[...personIds]}
          onChange={setPersonIds}
          options={[...found, ...chosen]}
        />
      </div>
      <span className="actions">
        <Button type="primary" htmlType="submit" disabled={!isComplete} loading={save.isPending}>
          {text("rollPage.save")}
        </Button>
        <Button onClick={props.onDone}>{t("common.cancel")}</Button>
      </span>
    </form>
  );
}

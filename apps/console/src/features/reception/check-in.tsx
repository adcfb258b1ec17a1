import { type ExpectedVisit, receptionEndpoints, VISIT_PURPOSES, type VisitCheckIn } from "@menshen/wire";
import { useQuery } from "@tanstack/react-query";
import { AutoComplete, Button, InputNumber, Radio } from "antd";
import { useDeferredValue, useEffect, useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { call } from "../../api/client.ts";
import { useChange } from "../../api/records.tsx";

/** Lets visitors in: where to, what for, how many. An identity number has no field, so that nobody asks for one. */
export function CheckIn(props: { expected?: ExpectedVisit; onClose: () => void }) {
  const { t } = useTranslation("reception");
  const { t: common } = useTranslation();
  const id = useId();
  const { expected, onClose } = props;
  const [purpose, setPurpose] = useState<VisitCheckIn["purpose"]>(expected?.purpose ?? "visitor");
  const [persons, setPersons] = useState(1);
  const [home, setHome] = useState<{ dwellingId: string; name: string } | undefined>(
    expected && { dwellingId: expected.dwellingId, name: expected.dwellingName },
  );
  const checkIn = useChange((body: VisitCheckIn) => call(receptionEndpoints.checkIn, { body }), {
    doneText: t("checkedIn"),
    onDone: onClose,
  });
  return (
    <form
      className="reception__form"
      aria-label={expected === undefined ? t("walkIn") : t("checkIn")}
      onSubmit={(event) => {
        event.preventDefault();
        if (home === undefined) return;
        const { dwellingId } = home;
        checkIn.mutate({
          dwellingId,
          purpose,
          persons,
          ...(expected === undefined ? {} : { passId: expected.passId }),
        });
      }}
    >
      <label htmlFor={`${id}-home`}>
        <strong>{t("whereTo")}</strong>
      </label>
      {expected !== undefined ? (
        <span>{expected.dwellingName}</span>
      ) : (
        <HomeField id={`${id}-home`} onChange={setHome} />
      )}
      <strong id={`${id}-purpose`}>{t("whatFor")}</strong>
      <Radio.Group
        aria-labelledby={`${id}-purpose`}
        optionType="button"
        size="large"
        value={purpose}
        onChange={(event) => setPurpose(event.target.value)}
        options={VISIT_PURPOSES.map((value) => ({ value, label: t(`purpose.${value}`) }))}
      />
      <label htmlFor={`${id}-persons`}>
        <strong>{t("howMany")}</strong>
      </label>
      <InputNumber
        id={`${id}-persons`}
        size="large"
        min={1}
        max={50}
        precision={0}
        value={persons}
        onChange={(value) => setPersons(value ?? 1)}
      />
      <p className="quiet">{t("least")}</p>
      <span className="actions">
        <Button
          type="primary"
          size="large"
          htmlType="submit"
          disabled={home === undefined}
          loading={checkIn.isPending}
        >
          {t("letIn")}
        </Button>
        <Button size="large" onClick={onClose}>
          {common("common.cancel")}
        </Button>
      </span>
    </form>
  );
}

/** Finds a home by a part of its name. */
function HomeField(props: {
  id: string;
  onChange: (home: { dwellingId: string; name: string } | undefined) => void;
}) {
  const { t } = useTranslation("reception");
  const [text, setText] = useState("");
  const asked = useDeferredValue(text.trim());
  const found = useQuery({
    queryKey: [receptionEndpoints.dwellings.id, asked],
    enabled: asked !== "",
    queryFn: ({ signal }) => call(receptionEndpoints.dwellings, { query: { text: asked }, signal }),
  });
  const homes = asked === "" ? [] : (found.data?.items ?? []);
  const { onChange } = props;
  const typed = found.data?.items.find(({ name }) => name === text.trim());
  // Whoever types the whole name need not choose it from the list, too.
  useEffect(() => {
    if (typed !== undefined) onChange(typed);
  }, [typed, onChange]);
  return (
    <AutoComplete
      id={props.id}
      size="large"
      autoFocus
      placeholder={t("homeExample")}
      value={text}
      options={homes.map(({ name }) => ({ value: name }))}
      notFoundContent={found.isSuccess && asked !== "" ? t("noHome") : null}
      onChange={(value: string) => {
        setText(value);
        onChange(homes.find(({ name }) => name === value));
      }}
    />
  );
}

import { type DemoState, demoEndpoints } from "@menshen/wire";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { App, Button, Select, Slider, Switch } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { call } from "../../api/client.ts";
import { problemText } from "../../components/problem-text.ts";

const STATE_KEY = ["demo", "state"] as const;
type As = "own" | "clone" | "unknown";

/** Controls of the virtual residents, doors and networks; present only where a demonstration runs. */
export function DemoPanel() {
  const { t } = useTranslation();
  const client = useQueryClient();
  const { message } = App.useApp();
  const state = useQuery({
    queryKey: STATE_KEY,
    queryFn: ({ signal }) => call(demoEndpoints.state, { signal }),
    refetchInterval: 5_000,
  });
  const act = useMutation({
    mutationFn: (action: () => Promise<unknown>) => action(),
    onSuccess: () => client.invalidateQueries({ queryKey: STATE_KEY }),
    onError: (error) => void message.error(problemText(t, error)),
  });
  if (!state.isSuccess) return null;
  const run = (action: () => Promise<unknown>) => act.mutate(action);

  return (
    <section className="demo" aria-labelledby="demo-title">
      <h2 id="demo-title">{t("demo.title")}</h2>
      <p className="demo__help">{t("demo.help")}</p>
      <div className="demo__grid">
        <Present state={state.data} run={run} />
        <Clone state={state.data} run={run} />
        <Doors state={state.data} run={run} />
        <Site state={state.data} run={run} />
      </div>
    </section>
  );
}

interface PartProps {
  state: DemoState;
  run: (action: () => Promise<unknown>) => void;
}

function Present({ state, run }: PartProps) {
  const { t } = useTranslation();
  const [personId, setPersonId] = useState<string>();
  const [accessPointId, setAccessPointId] = useState<string>();
  const [as, setAs] = useState<As>("own");
  const accessPoints = state.doors.flatMap((door) => door.accessPoints);
  const chosenPerson = personId ?? state.people[0]?.personId;
  const chosenPoint = accessPointId ?? accessPoints[0]?.accessPointId;

  return (
    <fieldset>
      <legend>{t("demo.present")}</legend>
      <Select
        aria-label={t("demo.person")}
        showSearch={{ optionFilterProp: "label" }}
        value={chosenPerson ?? null}
        onChange={setPersonId}
        options={state.people.map((person) => ({
          value: person.personId,
          label: person.dwellingName === undefined ? person.name : `${person.name} · ${person.dwellingName}`,
        }))}
      />
      <Select
        aria-label={t("demo.accessPoint")}
        value={chosenPoint ?? null}
        onChange={setAccessPointId}
        options={accessPoints.map((point) => ({ value: point.accessPointId, label: point.name }))}
      />
      <Select<As>
        aria-label={t("demo.as")}
        value={as}
        onChange={setAs}
        options={(["own", "clone", "unknown"] as const).map((value) => ({
          value,
          label: t(`demo.asOf.${value}`),
        }))}
      />
      <Button
        type="primary"
        disabled={chosenPoint === undefined}
        onClick={() => {
          if (chosenPoint === undefined) return;
          const who = chosenPerson === undefined ? {} : { personId: chosenPerson };
          run(() => call(demoEndpoints.present, { body: { ...who, accessPointId: chosenPoint, as } }));
        }}
      >
        {t("demo.tap")}
      </Button>
    </fieldset>
  );
}

/** A card is copied: what only has a number opens and is found, what has keys is refused. */
function Clone({ state, run }: PartProps) {
  const { t } = useTranslation();
  const [cardId, setCardId] = useState<string>();
  const cards = state.people
    .flatMap(({ name, cards: theirs }) => theirs.map((card) => ({ ...card, name })))
    .toSorted((one, other) => Number(other.kind === "uid") - Number(one.kind === "uid"));
  const chosen = cardId ?? cards[0]?.cardId;
  return (
    <fieldset>
      <legend>{t("demo.clone")}</legend>
      <p className="demo__help">{t("demo.cloneHelp")}</p>
      <Select
        aria-label={t("demo.cloneCard")}
        showSearch={{ optionFilterProp: "label" }}
        value={chosen ?? null}
        onChange={setCardId}
        options={cards.map((card) => ({
          value: card.cardId,
          label: `${card.kind.toUpperCase()} · ${card.name}`,
        }))}
      />
      <Button
        disabled={chosen === undefined}
        onClick={() => {
          if (chosen !== undefined) run(() => call(demoEndpoints.clone, { body: { cardId: chosen } }));
        }}
      >
        {t("demo.cloneDo")}
      </Button>
    </fieldset>
  );
}

function Doors({ state, run }: PartProps) {
  const { t } = useTranslation();
  const [portalId, setPortalId] = useState<string>();
  const chosen = portalId ?? state.doors[0]?.portalId;
  const { message } = App.useApp();
  const at = (action: (id: string) => Promise<unknown>) => {
    if (chosen !== undefined) run(() => action(chosen));
  };
  const force = async (id: string) => {
    await call(demoEndpoints.force, { body: { portalId: id } });
    void message.info(t("demo.forceWaits"), 6);
  };
  return (
    <fieldset>
      <legend>{t("demo.door")}</legend>
      <Select
        aria-label={t("demo.door")}
        value={chosen ?? null}
        onChange={setPortalId}
        options={state.doors.map((door) => ({ value: door.portalId, label: door.name }))}
      />
      <Button onClick={() => at(force)}>{t("demo.force")}</Button>
      <Button onClick={() => at((id) => call(demoEndpoints.hold, { body: { portalId: id, seconds: 40 } }))}>
        {t("demo.hold")}
      </Button>
      <Button onClick={() => at((id) => call(demoEndpoints.exit, { body: { portalId: id } }))}>
        {t("demo.exit")}
      </Button>
    </fieldset>
  );
}

function Site({ state, run }: PartProps) {
  const { t } = useTranslation();
  return (
    <fieldset>
      <legend>{t("demo.site")}</legend>
      <div className="demo__pace">
        <span id="demo-pace">{t("demo.pace", { count: Math.round(state.perMinute) })}</span>
        <Slider
          min={0}
          max={240}
          step={10}
          defaultValue={state.perMinute}
          ariaLabelledByForHandle="demo-pace"
          onChangeComplete={(perMinute) => run(() => call(demoEndpoints.pace, { body: { perMinute } }))}
        />
      </div>
      {state.gates.map((gate) => (
        <div key={gate.gateId} className="demo__switch">
          <span id={`cut-${gate.gateId}`}>{t("demo.cut", { name: gate.name })}</span>
          <Switch
            aria-labelledby={`cut-${gate.gateId}`}
            checked={gate.networkCut}
            onChange={(cut) => run(() => call(demoEndpoints.network, { body: { gateId: gate.gateId, cut } }))}
          />
        </div>
      ))}
      {state.gates.map((gate) => (
        <div key={gate.gateId} className="demo__switch">
          <span id={`fire-${gate.gateId}`}>{t("demo.fire", { name: gate.name })}</span>
          <Switch
            aria-labelledby={`fire-${gate.gateId}`}
            checked={gate.fire}
            onChange={(on) => run(() => call(demoEndpoints.fire, { body: { gateId: gate.gateId, on } }))}
          />
        </div>
      ))}
      <details>
        <summary>{t("demo.readers")}</summary>
        {state.readers.map((reader) => (
          <div key={reader.readerId} className="demo__switch">
            <span id={`pull-${reader.readerId}`}>{t("demo.pull", { name: reader.name })}</span>
            <Switch
              aria-labelledby={`pull-${reader.readerId}`}
              checked={reader.pulled}
              onChange={(pulled) =>
                run(() => call(demoEndpoints.reader, { body: { readerId: reader.readerId, pulled } }))
              }
            />
          </div>
        ))}
      </details>
    </fieldset>
  );
}

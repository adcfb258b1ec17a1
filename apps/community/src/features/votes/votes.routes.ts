import {
  custodianMotionEndpoints,
  motionEndpoints,
  type OwnersRoll,
  ownersRollEndpoints,
  publicMotionEndpoints,
  residentMotionEndpoints,
} from "@menshen/wire";
import type { Router } from "../../http/router.ts";
import type { BallotsService } from "./ballots.service.ts";
import type { CountService } from "./count.service.ts";
import type { MotionsService } from "./motions.service.ts";
import type { OwnersRollService } from "./owners-roll.service.ts";
import type { SecretCountService } from "./secret-count.service.ts";

export function votesRoutes(
  router: Router,
  services: {
    readonly roll: OwnersRollService;
    readonly motions: MotionsService;
    readonly ballots: BallotsService;
    readonly count: CountService;
    readonly secretCount: SecretCountService;
  },
): void {
  const { roll, motions, ballots, count, secretCount } = services;
  router.personal(
    ownersRollEndpoints.list,
    ({ actor, viewReason }) => roll.list(actor, viewReason),
    namedOwners,
  );
  router.staff(ownersRollEndpoints.put, ({ author, params, body }) => roll.put(author, params.id, body));
  router.staff(ownersRollEndpoints.remove, ({ author, params }) => roll.remove(author, params.id));

  router.staff(motionEndpoints.list, async ({ actor }) => ({ items: await motions.list(actor) }));
  router.staff(motionEndpoints.get, ({ actor, params }) => motions.read(actor, params.id));
  router.staff(motionEndpoints.create, ({ author, body }) => motions.create(author, body));
  router.staff(motionEndpoints.publish, ({ author, params }) => motions.publish(author, params.id));
  router.staff(motionEndpoints.withdraw, ({ author, params }) => motions.withdraw(author, params.id));
  router.staff(motionEndpoints.enterPaper, ({ author, params, body }) =>
    ballots.enterPaper(author, params.id, body),
  );
  router.staff(motionEndpoints.dropPaper, ({ author, params }) =>
    ballots.dropPaper(author, params.id, params.number),
  );
  router.staff(motionEndpoints.putProxy, ({ author, params, body }) =>
    ballots.registerProxy(author, params.id, params.number, body),
  );
  router.staff(motionEndpoints.count, ({ author, params }) => count.count(author, params.id));

  router.resident(residentMotionEndpoints.list, async ({ resident }) => ({
    items: await ballots.list(resident),
  }));
  router.resident(residentMotionEndpoints.withdrawProxy, ({ resident, params }) =>
    ballots.withdrawProxy(resident, params.id, params.number),
  );
  router.resident(residentMotionEndpoints.vote, ({ resident, params, body }) =>
    ballots.vote(resident, params.id, params.number, body),
  );
  router.resident(residentMotionEndpoints.voteSecretly, ({ resident, params, body }) =>
    ballots.voteSecretly(resident, params.id, params.number, body),
  );
  router.resident(residentMotionEndpoints.advise, ({ resident, params, body }) =>
    ballots.advise(resident, params.id, body),
  );

  router.custodian(custodianMotionEndpoints.list, async ({ custodian }) => ({
    items: await secretCount.list(custodian),
  }));
  router.custodian(custodianMotionEndpoints.giveShare, async ({ custodian, params, body }) => {
    await secretCount.giveShare(custodian, params.id, body.share);
    return null;
  });

  router.open(publicMotionEndpoints.list, async () => ({ items: await count.list() }));
  router.open(publicMotionEndpoints.recount, ({ params }) => count.recount(params.id));
}

function namedOwners({ items }: OwnersRoll): readonly string[] {
  const named = items.flatMap(({ persons }) => persons.filter(({ name }) => name !== undefined));
  return [...new Set(named.map(({ id }) => id))];
}

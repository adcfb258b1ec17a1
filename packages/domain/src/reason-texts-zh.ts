import type { CredentialKind } from "./credential.ts";
import type { ReasonFormat, ReasonTexts } from "./reason-template.ts";

const KINDS: Readonly<Record<CredentialKind, string>> = {
  desfire: "DESFire 卡",
  ntag424: "NTAG 424 卡",
  uid: "只读卡号的卡",
  wiegand: "韦根卡号",
  "osdp-raw": "未经验证的卡号",
  pin: "密码",
  phone: "手机",
  pass: "通行码",
  face: "人脸",
  pkoc: "PKOC 凭证",
  "phone-pass": "手机通行码",
  plate: "车牌",
};

const REFUSED = "未开门。";

const SECOND_FACTOR = {
  pin: {
    what: "等待中。",
    why: "此门还需要输入密码。",
    next: "请在半分钟内用键盘输入同一人的密码。",
  },
  other: {
    what: "等待中。",
    why: "仅凭密码不能打开此门。",
    next: "请在半分钟内出示同一人的卡、手机或通行码。",
  },
  holder: {
    what: "等待中。",
    why: "控制器不能确认密码与另一凭证是否属于同一人。",
    next: "请待控制器收到新密钥后再试，或由值班员写明原因后开门。",
  },
  visitor: {
    what: "等待中。",
    why: "此门还要密码，访客没有密码。",
    next: "请走访客可用的门，或由值班员写明原因后开门。",
  },
} as const;

/** 句首的规则名。 */
function theRule(rule: number | undefined, format: ReasonFormat): string {
  const name = rule === undefined ? undefined : format.ruleName?.(rule);
  return name === undefined ? "此门的通行规则" : `通行规则“${name}”`;
}

export const CHINESE: ReasonTexts = {
  "rule-allows": (reason, format) => ({
    what: "已开门。",
    why: `${theRule(reason.rule, format)}允许通行。`,
  }),
  "portal-unlocked": (reason) => {
    switch (reason.cause) {
      case "schedule":
        return { what: "已开门。", why: "按时间表，此门此时常开。" };
      case "held-open":
        return { what: "已开门。", why: "此门已被人工设为常开。", next: "不需要常开时，请恢复正常。" };
      case "fire-release":
        return {
          what: "已开门。",
          why: "消防联动使此门保持打开。",
          next: "确认楼内安全后，请到现场人工复位。",
        };
    }
  },
  "credential-unknown": () => ({
    what: REFUSED,
    why: "此凭证没有在此门登记。",
    next: "请到服务台登记，或联系住户。",
  }),
  "credential-blocked": ({ astray }) =>
    astray === true
      ? {
          what: REFUSED,
          why: "此凭证已挂失，或其持有人已不在此居住。",
          next: "请询问出示者。若持有人已找回，请到服务台恢复。",
        }
      : {
          what: REFUSED,
          why: "此凭证已停用或已挂失。",
          next: "若凭证仍在本人手中，请到服务台恢复，或免费换领新卡。",
        },
  "credential-not-yet-valid": (reason, format) => ({
    what: REFUSED,
    why: reason.from === undefined ? "此凭证尚未生效。" : `此凭证从${format.instant(reason.from)}起有效。`,
    next: "请届时再来，或由值班员写明原因后开门。",
  }),
  "credential-expired": (reason, format) => ({
    what: REFUSED,
    why: reason.until === undefined ? "此凭证已到期。" : `此凭证已于${format.instant(reason.until)}到期。`,
    next: "请到服务台延期，或联系住户。",
  }),
  "credential-kind-mismatch": (reason) => ({
    what: REFUSED,
    why: `此凭证登记为${KINDS[reason.enrolled]}，这次出示的却是${KINDS[reason.presented]}。`,
    next: "请用原卡再试一次；仍不能开门时，请到服务台重新登记。",
  }),
  "credential-downgraded": (reason) => ({
    what: REFUSED,
    why: `此卡登记为 ${reason.enrolled} 级，这次只按 ${reason.presented} 级应答，可能是复制卡。`,
    next: "请把卡放平再试一次；仍不能开门时，请到服务台检查。",
  }),
  "credential-not-authentic": (reason) => {
    switch (reason.detail) {
      case "wrong-key":
        return {
          what: REFUSED,
          why: "此卡未能证明自己是真卡：密钥与登记不符。",
          next: "请到服务台检查，可免费换领新卡。",
        };
      case "protocol-error":
        return { what: REFUSED, why: "读卡器与卡通信出错。", next: "请把卡放平、保持不动，再试一次。" };
      case "card-removed":
        return { what: REFUSED, why: "卡移开得太早。", next: "请把卡放稳，听到提示音后再移开。" };
      case "replay":
        return {
          what: REFUSED,
          why: "此卡给出了已经用过的应答，可能是复制卡。",
          next: "请到服务台检查，可免费换领新卡。",
        };
    }
  },
  "no-rule-for-access-point": () => ({
    what: REFUSED,
    why: "没有规则允许此凭证的持有人通过此门。",
    next: "若应当放行，请把持有人加入规则，或写明原因后开门。",
  }),
  "outside-schedule": (reason, format) => ({
    what: REFUSED,
    why:
      reason.nextOpening === undefined
        ? `${theRule(reason.rule, format)}此时不适用。`
        : `${theRule(reason.rule, format)}从${format.instant(reason.nextOpening)}起再次适用。`,
    next: "请在允许的时间再来，或由值班员写明原因后开门。",
  }),
  "means-not-allowed": (reason, format) => ({
    what: REFUSED,
    why: `${theRule(reason.rule, format)}不接受${KINDS[reason.kind]}。`,
    next: "请换一种方式；服务台可免费领卡。",
  }),
  "grade-too-low": (reason) => ({
    what: REFUSED,
    why:
      reason.minimum === undefined
        ? `通行规则要求比 ${reason.grade} 级更高的等级。`
        : `此门要求 ${reason.minimum} 级或更高，这次只有 ${reason.grade} 级。`,
    next: "请到服务台免费换领更安全的卡，或检查读卡器的连接。",
  }),
  "rule-not-yet-valid": (reason, format) => ({
    what: REFUSED,
    why:
      reason.from === undefined
        ? `${theRule(reason.rule, format)}尚未允许持有人通行。`
        : `${theRule(reason.rule, format)}从${format.instant(reason.from)}起允许持有人通行。`,
    next: "请届时再来，或由值班员写明原因后开门。",
  }),
  "rule-expired": (reason, format) => ({
    what: REFUSED,
    why:
      reason.until === undefined
        ? `${theRule(reason.rule, format)}对持有人的许可已结束。`
        : `${theRule(reason.rule, format)}对持有人的许可已于${format.instant(reason.until)}结束。`,
    next: "若仍应放行，请延长规则或居住期限。",
  }),
  "portal-locked": () => ({
    what: REFUSED,
    why: "此门已对所有人锁闭。",
    next: "请走其他门，或把此门恢复正常。",
  }),
  lockdown: (reason) => ({
    what: REFUSED,
    why: {
      0: "应急封闭正在执行。",
      1: "应急封闭正在执行：只有住户和工作人员可以通行。",
      2: "应急封闭正在执行：只有获得应急封闭许可的工作人员可以通行。",
      3: "应急封闭正在执行：任何人不得通行。",
    }[reason.level],
    next: "请听从值班员安排；应急封闭由值班员解除。",
  }),
  "access-point-unknown": () => ({
    what: REFUSED,
    why: "此读卡器没有分配到本控制器的任何门。",
    next: "请在控制台把读卡器分配到门。",
  }),
  "time-uncertain": (reason) => ({
    what: REFUSED,
    why: `控制器的时钟误差可达${duration(reason.spreadMs)}，不能判断有时间限制的许可。`,
    next: "请写明原因后开门，并让控制器联网校时。",
  }),
  "no-snapshot": () => ({
    what: REFUSED,
    why: "此控制器还没有收到任何通行规则。",
    next: "请让控制器联网；在此之前由值班员写明原因后开门。",
  }),
  "snapshot-outlived": (reason, format) => ({
    what: REFUSED,
    why: `此控制器的时间表和节假日只到${format.instant(reason.until)}为止。`,
    next: "请让控制器联网，取得新的规则。",
  }),
  "evaluation-failed": () => ({
    what: REFUSED,
    why: "控制器未能得出结论；有疑问时不开门。",
    next: "请写明原因后开门，并报告故障。",
  }),
  "credential-not-in-log": () => ({
    what: REFUSED,
    why: "此凭证尚未记入公开日志，控制器不予接受。",
    next: "请过一分钟再试；仍不能开门时，请向服务台询问发放是否已经复核。",
  }),
  "pass-allows": () => ({ what: "已开门。", why: "访客通行码允许通行。" }),
  "pass-not-accepted": (reason) => {
    switch (reason.detail) {
      case "unreadable":
        return {
          what: REFUSED,
          why: "这不是控制器能识别的通行码。",
          next: "请完整、清晰地出示通行码，或索取新的通行码。",
        };
      case "other-community":
        return { what: REFUSED, why: "此通行码属于其他小区。", next: "请核对地址，或联系住户。" };
      case "unknown-signer":
        return {
          what: REFUSED,
          why: "签发此通行码的人没有在此门登记，或其权限已结束。",
          next: "请向发给您通行码的人或服务台索取新的通行码。",
        };
      case "not-authentic":
        return {
          what: REFUSED,
          why: "此通行码的签名不符，可能是伪造的。",
          next: "请向发给您通行码的人或服务台索取新的通行码。",
        };
    }
  },
  "pass-not-here": () => ({ what: REFUSED, why: "此通行码用于其他门。", next: "请走通行码上写明的门。" }),
  "pass-not-yet-valid": () => ({
    what: REFUSED,
    why: "此通行码尚未生效。",
    next: "请在通行码写明的时间再来；手机时间应当准确。",
  }),
  "pass-expired": () => ({
    what: REFUSED,
    why: "此通行码已过期。",
    next: "请出示新的通行码；屏幕截图只在几秒内有效。",
  }),
  "pass-outside-hours": () => ({
    what: REFUSED,
    why: "此通行码此时不可用。",
    next: "请在通行码写明的时段再来。",
  }),
  "pass-used": ({ uses }) => ({
    what: REFUSED,
    why: uses === undefined ? "此通行码已经用过。" : `此通行码可用 ${uses} 次，已用满。`,
    next: "请出示新的通行码；若并未用过，请告知发给您通行码的人。",
  }),
  "pass-outdated": () => ({
    what: REFUSED,
    why: "控制器不能确定此码是否已被使用。",
    next: "请出示新的通行码，或重新扫描屏幕上的码。",
  }),
  "pass-revoked": () => ({ what: REFUSED, why: "此通行码已被收回。", next: "请询问发给您通行码的人。" }),
  "pass-beyond-delegation": () => ({
    what: REFUSED,
    why: "签发此通行码的人无权让访客从此门进入，或期限过长。",
    next: "请向发给您通行码的人或服务台索取新的通行码。",
  }),
  "pass-quota-spent": () => ({
    what: REFUSED,
    why: "当天签发的一次性通行码已全部用完。",
    next: "请换一种方式或到服务台；并请检查签发情况。",
  }),
  "visits-off": () => ({
    what: REFUSED,
    why: "此控制器不接受这类通行码。",
    next: "请联系住户，或到服务台。",
  }),
  "journal-unavailable": () => ({
    what: REFUSED,
    why: "控制器无法记录此一次性通行码已被使用。",
    next: "请刷卡，或由值班员写明原因后开门；并检查控制器的存储。",
  }),
  "anti-passback": (reason, format) => ({
    what: REFUSED,
    why:
      reason.until === undefined
        ? "系统显示此人已在区域内。"
        : `系统显示此人已在区域内，记录保留到${format.instant(reason.until)}。`,
    next: "若此人离开时未被记录，值班员可写明原因予以放行，之后照常进入。",
  }),
  "area-full": (reason) => ({
    what: REFUSED,
    why: `区域内人数已达上限 ${reason.limit} 人。`,
    next: "请等有人离开后再进；人数不准时，值班员可以更正。",
  }),
  interlock: () => ({
    what: REFUSED,
    why: "互锁的另一道门开着或未上锁。",
    next: "请关好另一道门，再试一次。",
  }),
  "second-person-awaited": (reason, format) => ({
    what: "等待中。",
    why:
      reason.until === undefined
        ? "此处须两人一同进入。"
        : `此处须两人一同进入，请第二人在${format.instant(reason.until)}前验证。`,
    next: "请第二人在同一读卡器上出示自己的凭证。",
  }),
  "first-person-missing": () => ({
    what: REFUSED,
    why: "区域内还没有工作人员。",
    next: "请等工作人员先进入。",
  }),
  "escort-missing": () => ({
    what: REFUSED,
    why: "此人须由陪同人员带领进入。",
    next: "请陪同人员先开门，随后立即在同一读卡器上验证。",
  }),
  "gates-apart": () => ({
    what: REFUSED,
    why: "管理此区域的控制器之间无法通信，按设置此时不得进入。",
    next: "请由值班员写明原因后开门，并检查控制器之间的网络。",
  }),
  "anti-passback-noted": () => ({
    what: "已开门。",
    why: "通行方向与此人上次出现的位置不符，已作记录。",
  }),
  "door-rule-waived": (reason) => ({
    what: "已开门。",
    why: `管理此区域的控制器之间无法通信，以下规则此次未执行：${
      {
        "anti-passback": "已在区域内者不得再次进入",
        "area-full": "区域人数上限",
        "first-person": "工作人员先进入",
        "two-persons": "区域内不得只有一人",
      }[reason.waived]
    }。`,
    next: "请检查控制器之间的网络。",
  }),
  "person-left-alone": () => ({
    what: "已开门。",
    why: "在不得只有一人的区域内，现有一人独自留下。",
    next: "请确认区域内的人是否平安。",
  }),
  "second-factor-needed": (reason) => SECOND_FACTOR[reason.missing],
  "stopped-by-person": () => ({
    what: REFUSED,
    why: "这张卡可能被复制，值班人员已将其停用。问题在卡，不在持卡人。",
    next: "请到服务台：换新卡免费。您的其他通行方式仍可使用，也可以提出异议。",
  }),
  "desk-asks": () => ({
    what: "已开门。",
    why: "服务台有关于这张卡的事项需要与您核对。",
    next: "请到服务台。",
  }),
};

function duration(ms: number): string {
  if (ms < 1_000) return `${Math.max(0, Math.round(ms))} 毫秒`;
  if (ms < 120_000) return `${Math.round(ms / 1_000)} 秒`;
  if (ms < 7_200_000) return `${Math.round(ms / 60_000)} 分钟`;
  if (ms < 172_800_000) return `${Math.round(ms / 3_600_000)} 小时`;
  return `${Math.round(ms / 86_400_000)} 天`;
}

/** Chinese texts of how long anything is kept. */
export const zhCN = {
  title: "保存期限",
  lead: "什么保存多久、到期如何删除。每次改动须说明原因，并公开记入日志。",
  days: "{{count}} 天",
  change: "更改",
  save: "按此保存",
  field: "天数（{{min}} 至 {{max}}）",
  entries: {
    title: "通行记录",
    help: "每期结束后再过这些天，保管人程序销毁该期的密钥份额，通行记录随之删除，从此谁也打不开、也查不到。业主表决可以缩短，不得超过 30 天。",
    deleted: "{{before}} 之前的通行记录已删除。",
  },
  records: {
    title: "管理、查看与设备记录",
    help: "《网络安全法》第二十一条要求不少于六个月，最长的六个日历月是 184 天，因此不得少于 184 天。到期后内容删除，日志里只留下无法还原的凭据。",
    deleted: "{{before}} 之前的记录已删除，最近一次在 {{deletedAt}}。",
  },
  seal: {
    title: "依法开启的保密期",
    help: "从申请起最多保密这些天，之后告知当事人，申请也随之公开。已受理的申请不受影响。",
  },
  ceremony: {
    title: "正在制作密钥",
    gathering: "在等保管人到齐，最晚到 {{until}}。已到：{{names}}。",
    running: "各方程序正在一起制作密钥，最晚到 {{until}}。",
    nobody: "还没有人",
    stop: "中止这一次",
    stopHelp: "中止后，这一次做出的份额都不会启用；可以随时重新开始。",
  },
  waiting: {
    title: "等待保管人签名",
    help: "日志或见证方的改动要有 {{threshold}} 方保管人签名，各保管人程序才认。请他们打开各自的页面，或运行 menshen custodian endorse。",
    signed: "已签名：{{names}}。",
    missing: "还没有签名：{{names}}。",
    inForce: "控制器已按此执行，因为要求没有降低。",
    notInForce: "控制器仍按原来的执行。",
    since: "提出于",
  },
  person: {
    showRemoved: "已移除的住户",
    title: "移除与删除",
    remove: "移除此人",
    removeHelp:
      "本人要求时使用；有个人账号的住户在自己的应用里办理搬出。凭证立即不再有效，个人账号结束。30 天内可以恢复，之后自动删除。",
    removedSince: "已移除：",
    restore: "恢复",
    erase: "立即彻底删除",
    eraseHelp: "住处、凭证、账号、谁看过此人信息，连同日志中的内容一并删除，不能恢复。",
    erased: "已彻底删除",
    receipt: {
      title: "删除回执",
      at: "删除时间",
      sealed: "此前的通行记录封存至",
      sealedHelp:
        "到那时密钥份额销毁，谁也打不开。在此之前，里面只有不属于任何人的卡号；只有已被案件保全的记录会留得更久。",
      records: "管理记录中的编号（不含姓名）保留至",
      statements: "日志中失去内容的条目",
      leaf: "删除登记在日志中的编号",
      print: "打印回执",
    },
  },
} as const;

// Words of money that several pages say, in both languages.

import { addWords } from "./language.js";

addWords({
  en: {
    amount: "Amount", currency: "Currency", when: "When", number: "Number", whyText: "Reason", total: "Total", state: "State",
    what: "What", balance: "Balance", download: "Download CSV", from: "From", until: "Until (included)", by: "By", show: "Show",
    DAY: "day", WEEK: "week", MONTH: "month", sum_bookings: "Bookings", sum_gross: "Gross", sum_refund: "Refunds", sum_tax: "Tax",
    sum_platform: "Commission", sum_property: "Place's share", sum_owner: "Lessors' share", sum_validation: "Paid by merchants",
    sum_receivable: "Still owed", sum_noShows: "Not used", sum_cancelled: "Cancelled", nothingYet: "Nothing yet.",
    code_top_up: "Top-up", code_secure: "Booking secured", code_split: "Settled", code_settle: "Short at the end", code_refund: "Refund", code_refund_returned: "Refund came back", code_collect: "Debt paid",
    code_payout: "Payout", code_credit: "Credit",
    dispute_OPEN: "Open", dispute_DECIDED: "Decided", dispute_APPEALED: "Appealed", dispute_CLOSED: "Closed", SENDING: "On its way", PAID: "Paid", FAILED: "Failed",
    DRIVER: "Driver", OWNER: "Lessor", OPERATOR: "Operator", PLATFORM: "Platform", RAIL: "Payment service",
    CHARGE: "Receipt", CREDIT: "Credit note", disputed: "{amount} disputed", frozen: "{amount} frozen",
    decisionWas: "{amount} to the driver: {decision}", answerUntil: "To be decided until {at}", appealUntil: "May be appealed until {at}",
    evidence: "What was said", addEvidence: "Add a statement", appeal: "Appeal", decide: "Decide", send: "Send",
    toDriver: "To the driver ({currency})", decision: "Why", noDisputes: "No disputes.", notAnAmount: "{text} is no amount in {currency}",
    wallet: "Wallet", stripe: "Card (Stripe)", openReceipt: "Open",
  },
  zh: {
    amount: "金额", currency: "货币", when: "时间", number: "编号", whyText: "原因", total: "合计", state: "状态",
    what: "内容", balance: "余额", download: "下载 CSV", from: "从", until: "至（含）", by: "按", show: "显示",
    DAY: "日", WEEK: "周", MONTH: "月", sum_bookings: "预订数", sum_gross: "总额", sum_refund: "退款", sum_tax: "税",
    sum_platform: "佣金", sum_property: "停车场分成", sum_owner: "出租方分成", sum_validation: "商户支付",
    sum_receivable: "尚欠", sum_noShows: "未使用", sum_cancelled: "已取消", nothingYet: "暂无。",
    code_top_up: "充值", code_secure: "预订预付", code_split: "结算", code_settle: "结束时补足", code_refund: "退款", code_refund_returned: "退款退回", code_collect: "偿还欠款",
    code_payout: "付款", code_credit: "退款凭证",
    dispute_OPEN: "处理中", dispute_DECIDED: "已裁定", dispute_APPEALED: "已申诉", dispute_CLOSED: "已结束", SENDING: "付款中", PAID: "已付款", FAILED: "失败",
    DRIVER: "车主", OWNER: "出租方", OPERATOR: "运营方", PLATFORM: "平台", RAIL: "支付服务",
    CHARGE: "收据", CREDIT: "退款凭证", disputed: "争议金额 {amount}", frozen: "已冻结 {amount}",
    decisionWas: "退给车主 {amount}：{decision}", answerUntil: "裁定期限 {at}", appealUntil: "申诉期限 {at}",
    evidence: "各方陈述", addEvidence: "补充陈述", appeal: "申诉", decide: "裁定", send: "发送",
    toDriver: "退给车主（{currency}）", decision: "理由", noDisputes: "没有争议。", notAnAmount: "{text} 不是有效的 {currency} 金额",
    wallet: "钱包", stripe: "银行卡（Stripe）", openReceipt: "打开",
  },
});

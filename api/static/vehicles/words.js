// The words of the vehicles' page, in both languages.

import { addWords } from "../shared/language.js";
import "../shared/right_words.js";

addWords({
  en: {
    title: "My vehicles", skip: "Skip to the vehicles", signInFirst: "Sign in to see your vehicles.", vehicles: "Vehicles",
    noVehicles: "You have no vehicle here yet. Add one, then choose its code.", add: "Add a vehicle", country: "Country", plate: "Plate",
    nameLabel: "What you call it", optional: "optional", added: "Added. Now choose its code.", code: "Vehicle code",
    codeAbout: "With the code anybody who drives this vehicle gets and uses its parking rights, without signing in.",
    hasCode: "Set on {at}", hasNoCode: "No code: its rights are used signed in only.", setCode: "Choose a code", changeCode: "Change the code",
    word: "Your word", wordHint: "6 letters or digits at least. Not the plate, and nothing that others would try first. Berth adds digits.",
    makeCode: "Make the code", changeNote: "The old code ends at once. The rights stay with the vehicle.",
    newCode: "The code of {plate}", shownOnce: "Shown only now. Write it down: nobody, Berth neither, can show it again.", noted: "I have noted it",
    deleteCode: "Delete the code", remove: "Remove the vehicle", sure: "Really?", yes: "Yes", rename: "Rename", save: "Save",
    removeNote: "Its code ends at once, and rights that it holds can be used no more.",
    rights: "Rights", noRights: "It holds no rights now.", until: "Until {at}", from: "From {at}", inStay: "In the present stay",
    transfer: "Give to another vehicle", toCode: "That vehicle’s code", give: "Give", given: "Given.",
    enter: "Enter now", enterNote: "A bay is booked for you at once, and the right pays for it.", stay: "How long",
    proofs: "Proof of ownership", proofAbout: "Some places want to see that you may speak for the vehicle.", proofAsk: "Ask for it",
    place: "Place", document: "Document that you show there", send: "Send",
    REQUESTED: "Asked for", APPROVED: "Approved", DECLINED: "Declined", REVOKED: "Revoked", HELD: "Held", REDEEMED: "In use",
  },
  zh: {
    title: "我的车辆", skip: "跳到车辆", signInFirst: "登录后可查看您的车辆。", vehicles: "车辆",
    noVehicles: "您还没有登记车辆。请先添加，再设置车辆码。", add: "添加车辆", country: "国家或地区", plate: "车牌",
    nameLabel: "您对它的称呼", optional: "可不填", added: "已添加，请设置车辆码。", code: "车辆码",
    codeAbout: "驾驶此车的任何人凭车辆码即可领取和使用停车权益，无需登录。",
    hasCode: "设置于 {at}", hasNoCode: "未设置：只能登录后使用权益。", setCode: "设置车辆码", changeCode: "更改车辆码",
    word: "您选的词", wordHint: "至少 6 个字母、汉字或数字，不能是车牌，也不要用容易猜到的词。系统会在后面加上数字。",
    makeCode: "生成车辆码", changeNote: "旧码立即失效，权益保留在车辆上。",
    newCode: "{plate} 的车辆码", shownOnce: "仅显示这一次，请记下：任何人（包括 Berth）都无法再次显示。", noted: "我已记下",
    deleteCode: "删除车辆码", remove: "移除车辆", sure: "确定吗？", yes: "确定", rename: "改名", save: "保存",
    removeNote: "车辆码立即失效，其持有的权益将无法再使用。",
    rights: "停车权益", noRights: "目前没有权益。", until: "有效至 {at}", from: "自 {at} 起", inStay: "用于当前停车",
    transfer: "转给其他车辆", toCode: "对方的车辆码", give: "转让", given: "已转让。",
    enter: "立即进场", enterNote: "系统会马上为您预订车位，由此权益支付。", stay: "停车时长",
    proofs: "车辆证明", proofAbout: "有些停车场要求证明您可以代表此车辆。", proofAsk: "申请证明",
    place: "停车场", document: "您出示的证件", send: "提交",
    REQUESTED: "已申请", APPROVED: "已通过", DECLINED: "被拒绝", REVOKED: "已撤销", HELD: "持有", REDEEMED: "使用中",
  },
});

// Letters with marks of their own as one character each, where Unicode has one (UAX #15, normalization form C).
import { codePointAt } from './character';
import { isCombining } from './invisible';
import type { Text } from './text';

/** For each mark: a letter and the character that both make, in base 36. Primary composites of Unicode 17. */
const PAIRS: readonly (readonly [number, string])[] = [
  [
    0x300,
    '1t.5c 1x.5k 21.5o 27.5u 2d.61 2p.68 2t.6g 2x.6k 33.6q 39.6x 64.d7 70.d8 26.e0 32.e1 t1.sg t4.st tx.uo u0.v1 7m.5xw 7n.5xx 98.5zk 99.5zl 2f.60w 3b.60x 5e.61y 6a.61z 76.628 77.629 5m.62o 6i.62p 5w.636 6s.637 bk.63g bl.63h bz.63u c0.63v 2h.642 3d.643 64g.64i 64h.64j 64o.64q 64p.64r 64w.64y 64x.64z 654.656 655.657 65c.65e 65d.65f 65k.65m 65l.65n 65s.65u 65t.65v 660.662 661.663 668.66a 669.66b 66g.66i 66h.66j 66o.66q 66p.66r 66x.66z 674.676 675.677 67c.67e 67d.67f q9.67k qd.67m qf.67o qh.67q qn.67s qt.67u qx.67w pd.69m ph.6a0 pj.6a2 69r.6a5 qy.6aa pl.6ai 6bi.6al qz.6aq px.6ay 4o.6b1 pr.6bc q1.6be',
  ],
  [
    0x301,
    '1t.5d 1x.5l 21.5p 27.5v 2d.62 2h.65 2p.69 2t.6h 2x.6l 33.6r 39.6y 3d.71 1v.7a 2r.7b 24.8p 30.8q 26.8z 32.90 2a.9g 36.9h 2b.9m 37.9n 2i.ah 3e.ai 64.d3 70.d4 1z.dw 2v.dx 5h.e2 6d.e3 5i.e4 6e.e5 60.e6 6w.e7 4o.p1 pd.p2 ph.p4 pj.p5 pl.p6 pr.p8 px.pa q1.pb qy.pc q9.q4 qd.q5 qf.q6 qh.q7 qz.q8 qn.r0 qt.r1 qx.r2 r6.r7 sz.sj t6.ss tv.ur u2.v0 5j.5xk 6f.5xl 7m.5xy 7n.5xz 5r.5ym 6n.5yn 23.5yo 2z.5yp 25.5z2 31.5z3 5x.5zg 6t.5zh 98.5zm 99.5zn 28.5zo 34.5zp a0.60o a1.60p 2f.60y 3b.60z 5e.61w 6a.61x 76.626 77.627 5m.62m 6i.62n 5w.634 6s.635 bk.63e bl.63f bz.63s c0.63t 64g.64k 64h.64l 64o.64s 64p.64t 64w.650 64x.651 654.658 655.659 65c.65g 65d.65h 65k.65o 65l.65p 65s.65w 65t.65x 660.664 661.665 668.66c 669.66d 66g.66k 66h.66l 66o.66s 66p.66t 66x.671 674.678 675.679 67c.67g 67d.67h 69r.6a6 6bi.6am',
  ],
  [
    0x302,
    '1t.5e 1x.5m 21.5q 27.5w 2d.63 2p.6a 2t.6i 2x.6m 33.6s 39.6z 1v.7c 2r.7d 1z.7w 2v.7x 20.84 2w.85 22.8k 2y.8l 2b.9o 37.9p 2f.ac 3b.ad 2h.ae 3d.af 2i.61c 3e.61d 61s.624 61t.625 62g.62u 62h.62v 630.63c 631.63d',
  ],
  [
    0x303,
    '1t.5f 26.5t 27.5x 2p.6b 32.6p 33.6t 21.88 2x.89 2d.a0 39.a1 2e.60s 3a.60t 5e.622 6a.623 76.62c 77.62d 1x.62k 2t.62l 5m.62s 6i.62t 5w.63a 6s.63b bk.63k bl.63l bz.63y c0.63z 2h.648 3d.649',
  ],
  [
    0x304,
    '1t.74 2p.75 1x.7m 2t.7n 21.8a 2x.8b 27.98 33.99 2d.a2 39.a3 64.d1 70.d2 5g.da 6c.db fa.dc fb.dd 5i.de 6e.df dm.do dn.dp 5y.fe 6u.ff 5x.fg 6t.fh fi.fk fj.fl 2h.fm 3d.fn t4.yq u0.yr tf.z2 ub.z3 1z.5y8 2v.5y9 5yu.5yw 5yv.5yx 5zu.5zw 5zv.5zx q9.69d pd.69l qh.6a9 pl.6ah qt.6ap px.6ax',
  ],
  [
    0x306,
    '1t.76 2p.77 1x.7o 2t.7p 1z.7y 2v.7z 21.8c 2x.8d 27.9a 33.9b 2d.a4 39.a5 tf.su t4.t5 u0.u1 ub.v2 t2.xt ty.xu sw.y8 ts.y9 t1.ye tx.yf fc.5y4 fd.5y5 61s.62e 61t.62f q9.69c pd.69k qh.6a8 pl.6ag qt.6ao px.6aw',
  ],
  [
    0x307,
    '1v.7e 2r.7f 1x.7q 2t.7r 1z.80 2v.81 21.8g 2i.aj 3e.ak 1t.fa 2p.fb 27.fi 33.fj 1u.5xe 2q.5xf 1w.5xm 2s.5xn 1y.5y6 2u.5y7 20.5ya 2w.5yb 25.5z4 31.5z5 26.5z8 32.5z9 28.5zq 34.5zr 2a.5zs 36.5zt 2b.600 37.601 9m.604 9n.605 9s.606 9t.607 602.608 603.609 2c.60a 38.60b 2f.612 3b.613 2g.616 3c.617 2h.61a 3d.61b an.61n 1fpu.1fpl 1fq2.1fqc',
  ],
  [
    0x308,
    '1t.5g 1x.5n 21.5r 27.5y 2d.64 2p.6c 2t.6j 2x.6n 33.6u 39.70 3d.73 2h.ag pl.q2 px.q3 qh.qy qt.qz r6.r8 t1.sh sm.sn tx.up uu.uv sw.ya ts.yb yg.yi yh.yj t2.yk ty.yl t3.ym tz.yn t4.ys u0.yt ta.yu u6.yv yw.yy yx.yz tp.z0 ul.z1 tf.z4 ub.z5 tj.z8 uf.z9 tn.zc uj.zd 20.5ye 2w.5yf 5x.5zi 6t.5zj a2.60q a3.60r 2f.610 3b.611 2g.618 3c.619 38.61j',
  ],
  [
    0x309,
    '1t.61u 2p.61v 5e.620 6a.621 76.62a 77.62b 1x.62i 2t.62j 5m.62q 6i.62r 21.62w 2x.62x 27.632 33.633 5w.638 6s.639 bk.63i bl.63j 2d.63q 39.63r bz.63w c0.63x 2h.646 3d.647',
  ],
  [0x30a, '1t.5h 2p.6d 2d.a6 39.a7 3b.61k 3d.61l'],
  [0x30b, '27.9c 33.9d 2d.a8 39.a9 tf.z6 ub.z7'],
  [
    0x30c,
    '1v.7g 2r.7h 1w.7i 2s.7j 1x.7u 2t.7v 24.8t 30.8u 26.93 32.94 2a.9k 36.9l 2b.9s 37.9t 2c.9w 38.9x 2i.al 3e.am 1t.ct 2p.cu 21.cv 2x.cw 27.cx 33.cy 2d.cz 39.d0 64.d5 70.d6 1z.di 2v.dj 23.dk 2z.dl c7.dq ia.dr 2y.ds 20.f2 2w.f3',
  ],
  [0x30f, '1t.e8 2p.e9 1x.ec 2t.ed 21.eg 2x.eh 27.ek 33.el 2a.eo 36.ep 2d.es 39.et vo.vq vp.vr'],
  [0x311, '1t.ea 2p.eb 1x.ee 2t.ef 21.ei 2x.ej 27.em 33.en 2a.eq 36.er 2d.eu 39.ev'],
  [0x313, 'q9.64g pd.64o qd.64w ph.654 qf.65c pj.65k qh.65s pl.660 qn.668 pr.66g qt.66o qx.674 q1.67c qp.6as'],
  [
    0x314,
    'q9.64h pd.64p qd.64x ph.655 qf.65d pj.65l qh.65t pl.661 qn.669 pr.66h qt.66p px.66x qx.675 q1.67d qp.6at pt.6b0',
  ],
  [0x31b, '27.bk 33.bl 2d.bz 39.c0'],
  [
    0x323,
    '1u.5xg 2q.5xh 1w.5xo 2s.5xp 20.5yc 2w.5yd 23.5yq 2z.5yr 24.5yu 30.5yv 25.5z6 31.5z7 26.5za 32.5zb 2a.5zu 36.5zv 2b.602 37.603 2c.60c 38.60d 2e.60u 3a.60v 2f.614 3b.615 2i.61e 3e.61f 1t.61s 2p.61t 1x.62g 2t.62h 21.62y 2x.62z 27.630 33.631 bk.63m bl.63n 2d.63o 39.63p bz.640 c0.641 2h.644 3d.645',
  ],
  [0x324, '2d.60i 39.60j'],
  [0x325, '1t.5xc 2p.5xd'],
  [0x326, '2b.ew 37.ex 2c.ey 38.ez'],
  [
    0x327,
    '1v.5j 2r.6f 1z.82 2v.83 23.8m 2z.8n 24.8r 30.8s 26.91 32.92 2a.9i 36.9j 2b.9q 37.9r 2c.9u 38.9v 1x.fc 2t.fd 1w.5xs 2s.5xt 20.5yg 2w.5yh',
  ],
  [0x328, '1t.78 2p.79 1x.7s 2t.7t 21.8e 2x.8f 2d.aa 39.ab 27.dm 33.dn'],
  [0x32d, '1w.5xu 2s.5xv 1x.5y0 2t.5y1 24.5z0 30.5z1 26.5ze 32.5zf 2c.60g 38.60h 2d.60m 39.60n'],
  [0x32e, '20.5yi 2w.5yj'],
  [0x330, '1x.5y2 2t.5y3 21.5yk 2x.5yl 2d.60k 39.60l'],
  [
    0x331,
    '1u.5xi 2q.5xj 1w.5xq 2s.5xr 23.5ys 2z.5yt 24.5yy 30.5yz 26.5zc 32.5zd 2a.5zy 36.5zz 2c.60e 38.60f 2i.61g 3e.61h 2w.61i',
  ],
  [
    0x338,
    '6mo.6my 6mq.6mz 6ms.6ni 6og.6od 6ok.6oe 6oi.6of 6pv.6pw 6q0.6q1 6q3.6q4 6qr.6qs 6qt.6qu 6rg.6rl 6rn.6ro 6rp.6rr 6rs.6rt 1p.6sg 6sh.6si 6rx.6st 1o.6su 1q.6sv 6sk.6sw 6sl.6sx 6sy.6t0 6sz.6t1 6t2.6t4 6t3.6t5 6t6.6tc 6t7.6td 6te.6tg 6tf.6th 6ti.6tk 6tj.6tl 6ua.6uk 6ug.6ul 6uh.6um 6uj.6un 6t8.6w0 6t9.6w1 6tt.6w2 6tu.6w3 6uq.6wa 6ur.6wb 6us.6wc 6ut.6wd',
  ],
  [
    0x342,
    '64g.64m 64h.64n 64o.64u 64p.64v 65c.65i 65d.65j 65k.65q 65l.65r 65s.65y 65t.65z 660.666 661.667 66o.66u 66p.66v 66x.673 674.67a 675.67b 67c.67i 67d.67j q9.69i 4o.69t qf.69y 69r.6a7 qh.6ae qy.6af 6bi.6an qt.6au qz.6av qx.6ba',
  ],
  [
    0x345,
    '64g.680 64h.681 64i.682 64j.683 64k.684 64l.685 64m.686 64n.687 64o.688 64p.689 64q.68a 64r.68b 64s.68c 64t.68d 64u.68e 64v.68f 65c.68g 65d.68h 65e.68i 65f.68j 65g.68k 65h.68l 65i.68m 65j.68n 65k.68o 65l.68p 65m.68q 65n.68r 65o.68s 65p.68t 65q.68u 65r.68v 674.68w 675.68x 676.68y 677.68z 678.690 679.691 67a.692 67b.693 67c.694 67d.695 67e.696 67f.697 67g.698 67h.699 67i.69a 67j.69b 67k.69e q9.69f q4.69g 69i.69j pd.69o 67o.69u qf.69v q6.69w 69y.69z pj.6a4 67w.6b6 qx.6b7 r2.6b8 6ba.6bb q1.6bg',
  ],
  [0x653, '17r.17m'],
  [0x654, '17r.17n 18o.17o 18q.17q 1cl.1c0 1c1.1c2 1ci.1cj'],
  [0x655, '17r.17p'],
  [
    0x3099,
    '9jf.9jg 9jh.9ji 9jj.9jk 9jl.9jm 9jn.9jo 9jp.9jq 9jr.9js 9jt.9ju 9jv.9jw 9jx.9jy 9jz.9k0 9k1.9k2 9k4.9k5 9k6.9k7 9k8.9k9 9kf.9kg 9ki.9kj 9kl.9km 9ko.9kp 9kr.9ks 9ja.9lg 9lp.9lq 9m3.9m4 9m5.9m6 9m7.9m8 9m9.9ma 9mb.9mc 9md.9me 9mf.9mg 9mh.9mi 9mj.9mk 9ml.9mm 9mn.9mo 9mp.9mq 9ms.9mt 9mu.9mv 9mw.9mx 9n3.9n4 9n6.9n7 9n9.9na 9nc.9nd 9nf.9ng 9ly.9o4 9nz.9o7 9o0.9o8 9o1.9o9 9o2.9oa 9od.9oe',
  ],
  [0x309a, '9kf.9kh 9ki.9kk 9kl.9kn 9ko.9kq 9kr.9kt 9n3.9n5 9n6.9n8 9n9.9nb 9nc.9ne 9nf.9nh'],
];

const DIGITS = '0123456789abcdefghijklmnopqrstuvwxyz';

function readBase36(word: string): number {
  let number = 0;
  for (let index = 0; index < word.length; index++) number = number * 36 + DIGITS.indexOf(word.charAt(index));
  return number;
}

/** Hangul is composed by arithmetic (The Unicode Standard, 3.12). */
function composeHangul(first: number, second: number): number | undefined {
  const vowel = second - 0x1161;
  if (first >= 0x1100 && first <= 0x1112 && vowel >= 0 && vowel < 21) {
    return 0xac00 + ((first - 0x1100) * 21 + vowel) * 28;
  }
  const last = second - 0x11a7;
  const isOpen = first >= 0xac00 && first <= 0xd7a3 && (first - 0xac00) % 28 === 0;
  return isOpen && last > 0 && last < 28 ? first + last : undefined;
}

/** The character that a letter and a mark make; undefined when there is none. */
function composePair(letter: number, mark: number): number | undefined {
  for (let index = 0; index < PAIRS.length; index++) {
    const row = PAIRS[index];
    if (row === undefined || row[0] !== mark) continue;
    const pairs = row[1].split(' ');
    for (let place = 0; place < pairs.length; place++) {
      const pair = (pairs[place] ?? '').split('.');
      if (readBase36(pair[0] ?? '') === letter) return readBase36(pair[1] ?? '');
    }
  }
  return composeHangul(letter, mark);
}

/** Whether a value has a character that joins the one before it. */
function hasCombining(value: string, text: Text): boolean {
  for (let index = 0; index < value.length; index++) {
    if (value.charCodeAt(index) < 0x80) continue;
    const codePoint = codePointAt(value, index, text);
    if (codePoint !== undefined && isCombining(codePoint)) return true;
  }
  return false;
}

/**
 * A value whose letters and marks are one character each; the value itself where there is nothing to compose. Marks in another
 * order than Unicode's stay as they are.
 */
export function composeLetters(value: string, text: Text): string {
  if (text.isVisibleAscii(value) || !hasCombining(value, text)) return value;
  const pieces: string[] = [];
  let before: number | undefined;
  for (let index = 0; index < value.length; index++) {
    const codePoint = codePointAt(value, index, text);
    if (codePoint === undefined) continue;
    const composed = before === undefined ? undefined : composePair(before, codePoint);
    if (composed === undefined && before !== undefined) pieces.push(text.fromCodePoint(before));
    before = composed ?? codePoint;
  }
  if (before !== undefined) pieces.push(text.fromCodePoint(before));
  return pieces.join('');
}

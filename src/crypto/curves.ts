// The three curves of JWS (RFC 7518 §3.4): order, b and generator of each.
import { P256, P384, P521 } from './curve-point';
import { fieldP256 } from './p256-field';
import { fieldP384 } from './p384-field';
import { fieldP521 } from './p521-field';
import { createCurve, type Curve } from './weierstrass';

/** SP 800-186 §3.2.1.3. */
export const curveP256: Curve = createCurve(fieldP256, {
  order: 'ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551',
  orderBits: 256,
  b: P256.b,
  x: '6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296',
  y: '4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5',
});

/** SP 800-186 §3.2.1.4. */
export const curveP384: Curve = createCurve(fieldP384, {
  order: 'ffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973',
  orderBits: 384,
  b: P384.b,
  x: 'aa87ca22be8b05378eb1c71ef320ad746e1d3b628ba79b9859f741e082542a385502f25dbf55296c3a545e3872760ab7',
  y: '3617de4a96262c6f5d9e98bf9292dc29f8f41dbd289a147ce9da3113b5f0b8c00a60b1ce1d7e819d7a431d7c90ea0e5f',
});

/** SP 800-186 §3.2.1.5. */
export const curveP521: Curve = createCurve(fieldP521, {
  order:
    '01ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff' +
    'fa51868783bf2f966b7fcc0148f709a5d03bb5c9b8899c47aebb6fb71e91386409',
  orderBits: 521,
  b: P521.b,
  x:
    '00c6858e06b70404e9cd9e3ecb662395b4429c648139053fb521f828af606b4d3d' +
    'baa14b5e77efe75928fe1dc127a2ffa8de3348b3c1856a429bf97e7e31c2e5bd66',
  y:
    '011839296a789a3bc0045c8a5fb42c7d1bd998f54449579b446817afbd17273e66' +
    '2c97ee72995ef42640c550b9013fad0761353c7086a272c24088be94769fd16650',
});

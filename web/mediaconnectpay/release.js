// Writes the current source down as a release: `npm run release`. See "Releasing" in the README.
'use strict';

const { createHash } = require('node:crypto');
const fs = require('node:fs');
const path = require('node:path');

const at = (...parts) => path.join(__dirname, ...parts);
const source = fs.readFileSync(at('src', 'mediaconnectpay.js'));
const { version } = JSON.parse(fs.readFileSync(at('package.json'), 'utf8'));
if (!/^\d+\.\d+\.\d+$/.test(version)) throw new Error(`${version} is not a version that can be released`);

const folder = at('releases', version);
if (fs.existsSync(at('releases', version, 'mediaconnectpay.js'))) {
  throw new Error(`${version} is released already and must not change: raise the version`);
}
fs.mkdirSync(folder, { recursive: true });
fs.writeFileSync(path.join(folder, 'mediaconnectpay.js'), source);
fs.copyFileSync(at('src', 'mediaconnectpay.d.ts'), path.join(folder, 'mediaconnectpay.d.ts'));

const hash = 'sha384-' + createHash('sha384').update(source).digest('base64');
const listFile = at('releases', 'integrity.json');
const list = fs.existsSync(listFile) ? JSON.parse(fs.readFileSync(listFile, 'utf8')) : {};
list[version] = hash;
fs.writeFileSync(listFile, JSON.stringify(list, null, 2) + '\n');
console.log(`Released ${version}. Add this hash to the table in README.md:\n${hash}`);

'use strict';

const assert = require('node:assert/strict');
const test = require('node:test');
const { handler } = require('../src/index');

const added = { type: 'CategoryAdded', data: { categoryId: 'c1', name: 'Books' } };
const archived = { type: 'CategoryArchived', data: { categoryId: 'c1' } };
const unarchived = { type: 'CategoryUnarchived', data: { categoryId: 'c1' } };

const decide = (type, data, history = []) => handler({
  kind: 'decide', component: 'Category', command: { type, data: { categoryId: 'c1', ...data } }, history,
});

const cases = {
  'a new category is added': ['AddCategory', { name: 'Books' }, [], [added]],
  'a category is added once': ['AddCategory', { name: 'Books' }, [added], 'CategoryAlreadyExists'],
  'an unknown category cannot be renamed': ['RenameCategory', { name: 'Novels' }, [], 'CategoryNotFound'],
  'a category is renamed': ['RenameCategory', { name: 'Novels' }, [added],
    [{ type: 'CategoryRenamed', data: { categoryId: 'c1', name: 'Novels' } }]],
  'the same name changes nothing': ['RenameCategory', { name: 'Books' }, [added], []],
  'an archived category keeps its name': ['RenameCategory', { name: 'Novels' }, [added, archived], 'CategoryAlreadyArchived'],
  'a category is archived': ['ArchiveCategory', {}, [added], [archived]],
  'archiving twice changes nothing': ['ArchiveCategory', {}, [added, archived], []],
  'an unknown category cannot be archived': ['ArchiveCategory', {}, [], 'CategoryNotFound'],
  'a category returns': ['UnarchiveCategory', {}, [added, archived], [unarchived]],
  'a listed category has nothing to return from': ['UnarchiveCategory', {}, [added], []],
  'a category that returned can be renamed': ['RenameCategory', { name: 'Novels' }, [added, archived, unarchived],
    [{ type: 'CategoryRenamed', data: { categoryId: 'c1', name: 'Novels' } }]],
};

for (const [name, [type, data, history, expected]] of Object.entries(cases)) {
  test(name, async () => {
    const answer = await decide(type, data, history);
    if (typeof expected === 'string') assert.equal(answer.reject?.code, expected);
    else assert.deepEqual(answer, { events: expected });
  });
}

// Event-sourced plugins behind one GraphQL API on AWS, one stack per plugin.
package reventless

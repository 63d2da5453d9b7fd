namespace HvLab.Reference.Models.Exploration;

/// <summary>What a system promises, said without the system's own code.</summary>
/// <param name="Name">Short and stable: tests, JSON and tables name it.</param>
/// <param name="Rule">The sentence that it follows from.</param>
public abstract record Claim<TState, TStep>(string Name, Rule Rule) where TState : notnull, IEquatable<TState>;

/// <summary>True of every reachable state.</summary>
public sealed record Always<TState, TStep>(string Name, Rule Rule, Func<TState, bool> Holds)
    : Claim<TState, TStep>(Name, Rule) where TState : notnull, IEquatable<TState>;

/// <summary>True of every step that can be taken: (from, step, to).</summary>
public sealed record EachStep<TState, TStep>(string Name, Rule Rule, Func<TState, TStep, TState, bool> Holds)
    : Claim<TState, TStep>(Name, Rule) where TState : notnull, IEquatable<TState>;

/// <summary>
/// No reachable state from which a sleeper can never wake: from each state in which sleeper i waits, fair steps lead to one in
/// which it does not.
/// </summary>
/// <param name="Sleepers">How many there may be: <paramref name="Waits"/> is asked with 0 to this number, exclusive.</param>
/// <param name="Waits">(state, sleeper): does it wait?</param>
/// <param name="Fair">
/// (from, step): is this step certain to be taken at last, if it is possible again and again? Steps of the environment that
/// nobody is obliged to take are not fair. With strong fairness of exactly these steps, whatever else happens, the claim means
/// that every sleeper wakes; where it fails, a run that takes only fair steps keeps the sleeper asleep.
/// </param>
public sealed record Wakes<TState, TStep>(string Name, Rule Rule, int Sleepers, Func<TState, int, bool> Waits, Func<TState, TStep, bool> Fair)
    : Claim<TState, TStep>(Name, Rule) where TState : notnull, IEquatable<TState>;

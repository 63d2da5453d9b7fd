using System.Collections.Concurrent;
using System.Text.Json;

namespace HvLab.Reference.Models.Fuzz;

/// <summary>Names of record cases as plans and traces write them: "AwaitRequest" as "await-request".</summary>
internal static class KebabName
{
    private static readonly ConcurrentDictionary<Type, string> Known = new();

    public static string Of(Type type) => Known.GetOrAdd(type, known => JsonNamingPolicy.KebabCaseLower.ConvertName(known.Name));
    public static string Of<TEnum>(TEnum value) where TEnum : struct, Enum => JsonNamingPolicy.KebabCaseLower.ConvertName($"{value}");
}
